// Queries of what a role may do. Those that give a `statement` name in `what` what it is about.

/** Statements that take away what the role $1 was granted beyond reading and writing rows, wherever it was. */
export const REVOKES = `
  with granted as (
    select case c.relkind when 'S' then 'sequence' else 'table' end || format(' %I.%I', n.nspname, c.relname) as object,
           a.privilege_type as privilege, a.is_grantable,
           a.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE') as rows_only, a.grantee
      from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
    union all
    select format('schema %I', n.nspname), a.privilege_type, a.is_grantable, a.privilege_type = 'USAGE', a.grantee
      from pg_namespace n, aclexplode(n.nspacl) a
    union all
    select format('database %I', d.datname), a.privilege_type, a.is_grantable,
           a.privilege_type in ('CONNECT', 'TEMPORARY'), a.grantee
      from pg_database d, aclexplode(d.datacl) a
     where d.datname = current_database()
  )
  select format('revoke %s%s on %s from %I cascade',
                case when rows_only then 'grant option for ' else '' end, privilege, object, rolname) as statement,
         privilege || ' on ' || object || case when rows_only then ' with grant option' else '' end as what
    from granted join pg_roles on pg_roles.oid = grantee
   where rolname = $1 and (is_grantable or not rows_only)
   order by object, privilege`;

/** Objects of this database, and databases, that the role $1 owns: an owner may drop what is its own. */
export const OWNED = `
  select pg_describe_object(classid, objid, objsubid) as what
    from pg_shdepend join pg_roles on pg_roles.oid = refobjid
   where refclassid = 'pg_authid'::regclass and deptype = 'o' and rolname = $1
     and dbid in (0, (select oid from pg_database where datname = current_database()))
   order by 1`;

export const MEMBERSHIPS = `
  select granted.rolname as what, format('revoke %I from %I', granted.rolname, member.rolname) as statement
    from pg_auth_members
    join pg_roles granted on granted.oid = roleid
    join pg_roles member on member.oid = pg_auth_members.member
   where member.rolname = $1 and granted.rolname <> $2
   order by 1`;

/**
 * Statements that give the role $1 what it lacks on the tables and sequences of `public`. What belongs to an extension
 * is RDS's, and not the master's to give.
 */
export const MISSING = `
  select case relkind
           when 'S' then format('grant usage, select on sequence public.%I to %I', relname, $1::name)
           else format('grant select, insert, update, delete on table public.%I to %I', relname, $1::name)
         end as statement,
         case relkind when 'S' then 'sequence' else 'table' end || format(' public.%I', relname) as what,
         pg_get_userbyid(relowner) as owner
    from pg_class c
   where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     and not exists (select from pg_depend d
                      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     and not case relkind
           when 'S' then has_sequence_privilege($1::name, oid, 'usage') and has_sequence_privilege($1::name, oid, 'select')
           else has_table_privilege($1::name, oid, 'select') and has_table_privilege($1::name, oid, 'insert')
                and has_table_privilege($1::name, oid, 'update') and has_table_privilege($1::name, oid, 'delete')
         end
   order by relname`;
