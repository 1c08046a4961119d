import { BINDINGS_VARIABLE, FLEET_METADATA_KEY, type FleetDescription } from '../../runtime/binding';
import type { AssemblyStack } from '../assembly';
import type { Mention, Resource, Templates } from '../templates';
import { pathOf } from './construct-path';
import { clientsOf, launchTemplatesOf } from './network-interfaces';
import {
  CONTAINER_SERVICE,
  DATABASE_PROXY,
  FLEET,
  FUNCTION,
  isLoadBalancer,
  isTarget,
  TARGET_TYPES,
} from './resource-types';
import { LOGS, MONITORING, S3, SECRETS_MANAGER, type Service } from './services';

/** What is to reach caches and databases. */
export interface Consumer {
  readonly resource: Resource;
  readonly targets: readonly Resource[];
  /** What it asks of AWS besides. */
  readonly services: readonly Service[];
  /** How it is known: named by the user, by a binding of this package, or by a reference that it holds. */
  readonly known: 'given' | 'bound' | 'referring';
}

/**
 * Who is to reach what:
 *
 * - those that are given, which are to reach what they are bound to or refer to, or else everything;
 * - who a binding names: fleets of this package, their deploy steps, functions and containers with `CACHE_BINDINGS`;
 * - who holds the endpoint of a cache or database, or its secret, in its own definition: a reference is an intent.
 *
 * @param given paths of constructs, or logical ids
 */
export function consumersOf(templates: Templates, given?: readonly string[]): Consumer[] {
  const found = new Map<string, Consumer>();
  const clients = clientsOf(templates);
  const candidates = [
    ...clients,
    ...[FUNCTION, CONTAINER_SERVICE]
      .flatMap((type) => templates.all(type))
      .filter(({ id }) => clients.every((client) => client.id !== id)),
  ];
  for (const resource of candidates) {
    const bound = boundBy(templates, resource);
    const own = mentionsOf(templates, resource);
    const referred = own.flatMap((mention) => targetOf(templates, mention) ?? []);
    const targets = [...new Map([...bound.targets, ...referred].map((target) => [target.id, target])).values()].filter(
      (target) => target.id !== resource.id,
    );
    if (targets.length > 0) {
      found.set(resource.id, {
        resource,
        targets,
        services: [
          ...(bound.hasSecret || own.some(isSecret) ? [SECRETS_MANAGER] : []),
          ...(resource.metadata[FLEET_METADATA_KEY] === undefined ? [] : [S3, LOGS, MONITORING]),
        ],
        known: bound.targets.length > 0 ? 'bound' : 'referring',
      });
    }
  }
  if (given === undefined) {
    return [...found.values()];
  }
  const all = templates.resources.filter(isTarget);
  return given.flatMap((name) =>
    namedBy(name, candidates).map((resource): Consumer => {
      const { targets = all, services = [] } = found.get(resource.id) ?? {};
      return { resource, targets, services, known: 'given' };
    }),
  );
}

/** The clients that a path of a construct or a logical id is of: of a construct, not the load balancers in it. */
export function namedBy(name: string, clients: readonly Resource[]): Resource[] {
  const exact = clients.filter(
    (client) => [client.label, pathOf(client)].includes(name) || client.label === `${client.stack.path}/${name}`,
  );
  return exact.length > 0
    ? exact
    : clients.filter((client) => `${pathOf(client)}/`.startsWith(`${name}/`) && !isLoadBalancer(client));
}

/** What a binding of this package names. */
function boundBy(templates: Templates, resource: Resource): { targets: Resource[]; hasSecret: boolean } {
  const documents = [
    ...(resource.type === FLEET
      ? [{ stack: resource.stack, value: (resource.metadata[FLEET_METADATA_KEY] as FleetDescription)?.binding }]
      : []),
    ...environmentsOf(templates, resource).flatMap(({ stack, value }) => {
      const variable = value[BINDINGS_VARIABLE];
      return variable === undefined ? [] : [{ stack, value: variable }];
    }),
  ];
  return {
    targets: documents.flatMap(({ stack, value }) => templates.references(stack, value).filter(isTarget)),
    hasSecret: documents.some(({ stack, value }) => /"type":\s*"secret"/.test(templates.text(stack, value))),
  };
}

/** Variables of a function, or of the containers of a service. */
function environmentsOf(
  templates: Templates,
  resource: Resource,
): Array<{ stack: AssemblyStack; value: Readonly<Record<string, unknown>> }> {
  const { stack, type, properties } = resource;
  if (type === FUNCTION) {
    return [{ stack, value: properties.Environment?.Variables ?? {} }];
  }
  const task = type === CONTAINER_SERVICE ? templates.referenced(stack, properties.TaskDefinition) : undefined;
  const containers = task?.properties.ContainerDefinitions;
  return task === undefined || !Array.isArray(containers)
    ? []
    : containers.map(({ Environment: variables }) => ({
        stack: task.stack,
        value: Object.fromEntries((Array.isArray(variables) ? variables : []).map(({ Name, Value }) => [Name, Value])),
      }));
}

/** What the definition of a client refers to: its own, and those of its task, launch template or target group. */
function mentionsOf(templates: Templates, resource: Resource): Mention[] {
  const { stack, type, properties } = resource;
  if (type === DATABASE_PROXY) {
    return targetsOfProxy(templates, resource);
  }
  const parts: Array<{ stack: AssemblyStack; value: unknown }> = [{ stack, value: properties }];
  if (type === CONTAINER_SERVICE) {
    const task = templates.referenced(stack, properties.TaskDefinition);
    parts.push(...(task === undefined ? [] : [{ stack: task.stack, value: task.properties.ContainerDefinitions }]));
  }
  for (const template of launchTemplatesOf(templates, resource)) {
    const { LaunchTemplateData: data, UserData: text } = template.properties;
    parts.push({ stack: template.stack, value: [data?.UserData, text] });
  }
  return parts
    .flatMap(({ stack: home, value }) => templates.mentions(home, withoutDynamic(value)))
    .flatMap((mention) => {
      const { resource: parameter } = mention;
      return parameter.type === 'AWS::SSM::Parameter'
        ? [mention, ...templates.mentions(parameter.stack, parameter.properties.Value)]
        : [mention];
    });
}

/** What a proxy leads to; its secrets are fetched by AWS. */
function targetsOfProxy(templates: Templates, { id }: Resource): Mention[] {
  return templates
    .all('AWS::RDS::DBProxyTargetGroup')
    .filter(({ stack, properties }) => templates.referenced(stack, properties.DBProxyName)?.id === id)
    .flatMap(({ stack, properties: { DBInstanceIdentifiers: instances, DBClusterIdentifiers: clusters } }) =>
      templates.references(stack, [instances, clusters]).map((resource) => ({ resource, attribute: 'Endpoint' })),
    );
}

/** Without what CloudFormation itself puts in at a deploy. */
function withoutDynamic(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(withoutDynamic);
  }
  const { 'Fn::Join': join, 'Fn::Sub': sub } = value as Record<string, unknown>;
  if (Array.isArray(join) && Array.isArray(join[1])) {
    let text = '';
    return join[1].filter((part) => {
      text += typeof part === 'string' ? part : '';
      return typeof part !== 'string' && text.lastIndexOf('{{resolve:') <= text.lastIndexOf('}}');
    });
  }
  return typeof sub === 'string'
    ? { 'Fn::Sub': sub.replace(/\{\{resolve:.*?\}\}/g, '') }
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutDynamic(part)]));
}

/** The cache or database that a mention shows the wish to reach: by its endpoint, or by the secret to sign in with. */
function targetOf(templates: Templates, { resource, attribute = '' }: Mention): Resource | undefined {
  if (TARGET_TYPES.includes(resource.type)) {
    return /Endpoint|MasterUserSecret/i.test(attribute) ? answering(templates, resource) : undefined;
  }
  if (!SECRETS.includes(resource.type)) {
    return undefined;
  }
  const attachments = templates.all('AWS::SecretsManager::SecretTargetAttachment');
  const attachment = attachments.find(
    ({ id, stack, properties }) =>
      id === resource.id || templates.referenced(stack, properties.SecretId)?.id === resource.id,
  );
  const attached = attachment && templates.referenced(attachment.stack, attachment.properties.TargetId);
  return attached && TARGET_TYPES.includes(attached.type) ? answering(templates, attached) : undefined;
}

/** An instance of a cluster is reached by the groups of the cluster. */
function answering(templates: Templates, resource: Resource): Resource | undefined {
  return isTarget(resource) ? resource : templates.referenced(resource.stack, resource.properties.DBClusterIdentifier);
}

const SECRETS = ['AWS::SecretsManager::Secret', 'AWS::SecretsManager::SecretTargetAttachment'];

function isSecret({ resource, attribute = '' }: Mention): boolean {
  return SECRETS.includes(resource.type) || attribute.startsWith('MasterUserSecret');
}
