import { Annotations, type IResource, Resource, Token } from 'aws-cdk-lib';
import { CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { enforce } from '../limits';
import { injected } from '../property-injection';
import { CacheCapability, type CacheEngine, engineLimit } from './engine';
import { idFromPath, idLimit } from './physical-name';
import { CacheUser, disabledDefaultUser, type ICacheUser } from './user';

/** Users that one group may hold without a higher quota (dg/quota-limits). */
const MOST_USERS = 100;

/** The users who may sign in to a cache. */
export interface IUserGroup extends IResource {
  /** Id of the group. */
  readonly userGroupId: string;
  /** Engine of the group, `valkey` or `redis`. */
  readonly engineName: string;
  /** The users of it that are known. The first is who an application signs in as. */
  readonly users: ICacheUser[];
}

/** Properties of a `UserGroup`. */
export interface UserGroupProps {
  /** Engine of the caches that the group is attached to. */
  readonly engine: CacheEngine;

  /**
   * The users. The first is who an application signs in as, unless another is named.
   *
   * @default - none yet: `addUser` adds them
   */
  readonly users?: ICacheUser[];

  /**
   * Id of the group: 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter. A change replaces
   * the group.
   *
   * @default - from the construct's path and the engine
   */
  readonly userGroupId?: string;
}

/** What is known of a user group that exists already. */
export interface UserGroupAttributes {
  /** Id of the group. */
  readonly userGroupId: string;

  /** Engine of the group, `valkey` or `redis`. */
  readonly engineName: string;

  /**
   * Users of it. The first is who an application signs in as.
   *
   * @default - none is known
   */
  readonly users?: ICacheUser[];
}

/**
 * The users who may sign in to a cache. Nobody else does: a group of Redis OSS, which must hold a user named `default`,
 * gets one that is switched off, unless it is given another in its `users`.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
 */
export class UserGroup extends Resource implements IUserGroup {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.UserGroup';

  /** A group that exists already. */
  static fromUserGroupAttributes(scope: Construct, id: string, attributes: UserGroupAttributes): IUserGroup {
    class Imported extends Resource implements IUserGroup {
      readonly userGroupId = attributes.userGroupId;
      readonly engineName = attributes.engineName;
      readonly users = attributes.users ?? [];
    }
    return new Imported(scope, id);
  }

  public readonly userGroupId: string;
  public readonly engineName: string;
  /** The underlying resource. */
  public readonly resource: CfnUserGroup;
  private readonly members: ICacheUser[] = [];
  /** The resource's own list, which grows with the group. */
  private readonly userIds: string[] = [];
  private readonly defaultUser?: ICacheUser;

  /** @throws if the engine has no users, or a user is of another engine or has a name that is taken */
  constructor(scope: Construct, id: string, props: UserGroupProps) {
    super(scope, id);
    props = injected(scope, id, UserGroup.PROPERTY_INJECTION_ID, props);

    const userGroupId = props.userGroupId ?? idFromPath(this, props.engine.usersEngineName);
    enforce([engineLimit(props.engine, CacheCapability.USERS, 'engine'), idLimit('userGroupId', userGroupId)]);
    this.engineName = props.engine.usersEngineName;
    for (const user of props.users ?? []) {
      this.addUser(user);
    }
    const replaced = this.members.some(({ userName }) => userName === 'default');
    if (this.engineName === 'redis' && !replaced) {
      this.defaultUser = disabledDefaultUser(this, 'DefaultUser', props.engine);
      this.userIds.push(reference(this.defaultUser));
    }
    this.resource = new CfnUserGroup(this, 'Resource', {
      engine: this.engineName,
      userGroupId,
      userIds: this.userIds,
    });
    this.userGroupId = this.resource.ref;
    this.node.addValidation({
      validate: () =>
        this.members.length === 0 ? ['a user group needs at least one user, or nobody signs in: give it `users`'] : [],
    });
  }

  /** The users that were given. The first is who an application signs in as. */
  public get users(): ICacheUser[] {
    return [...this.members];
  }

  /**
   * Adds a user.
   *
   * @throws if it is of another engine, or its name is taken
   */
  public addUser(user: ICacheUser): void {
    const taken = [...this.members, ...(this.defaultUser === undefined ? [] : [this.defaultUser])];
    enforce([
      {
        // A group of Valkey takes users of Redis OSS too, but not the other way round (dg/Clusters.RBAC).
        broken: this.engineName === 'redis' && user.engineName !== 'redis',
        message: `user ${user.userName} is of engine ${user.engineName}, and the user group of redis: make the user for the group's engine`,
      },
      {
        broken: this.engineName === 'valkey' && user instanceof CacheUser && user._withoutPassword,
        message: `user ${user.userName} needs no password, which AWS refuses in a user group of valkey ("No password user cannot be added to user group with engine Valkey")`,
      },
      {
        broken: taken.some(({ userName }) => !Token.isUnresolved(userName) && userName === user.userName),
        message: `the user group has a user named ${user.userName} already: every name of a group is used once`,
      },
    ]);
    this.members.push(user);
    this.userIds.push(reference(user));
    if (this.members.length === MOST_USERS + 1) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:users-quota',
        `the group has more than the ${MOST_USERS} users that it may have without a higher quota`,
      );
    }
  }
}

/** The id by reference, so that the user is made before the group. */
function reference(user: ICacheUser): string {
  return user instanceof CacheUser ? user.resource.ref : user.userId;
}
