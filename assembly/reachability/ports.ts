import type { AssemblyStack } from '../assembly';
import type { Resource, Templates } from '../templates';
import { DATABASE, DATABASE_CLUSTER, DATABASE_PROXY, isTarget, SERVERLESS_CACHE } from './resource-types';
import { numberIn, resourceIn } from './values';

/** Ports from the first to the last. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Ports where the templates say none. */
const ENGINE_PORTS: Readonly<Record<string, number>> = { postgres: 5_432, mysql: 3_306, mariadb: 3_306 };

/**
 * The same of clusters. Not of PostgreSQL: the API's is 5432, CloudFormation's own documentation says 3306.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
 */
const CLUSTER_PORTS: Readonly<Record<string, number>> = { aurora: 3_306, 'aurora-mysql': 3_306, mysql: 3_306 };

const PROXY_PORTS: Readonly<Record<string, number>> = { POSTGRESQL: 5_432, MYSQL: 3_306, SQLSERVER: 1_433 };

/** The ports of a cache or a database; `undefined` for one that only a deploy knows. */
export function portsOf(templates: Templates, resource: Resource, hops = 8): Array<number | undefined> {
  const { stack, type, properties } = resource;
  const { Port: port, Engine: engine, EngineFamily: family, SourceDBInstanceIdentifier: source } = properties;
  if (port !== undefined) {
    return [numberIn(port)];
  }
  switch (type) {
    case SERVERLESS_CACHE:
      // The second is the one that replicas answer at.
      return engine === 'memcached' ? [11_211, 11_212] : [6_379, 6_380];
    case DATABASE_PROXY:
      return [PROXY_PORTS[family]];
    case DATABASE_CLUSTER:
      return [CLUSTER_PORTS[engine]];
    case DATABASE: {
      if (source === undefined) {
        return [ENGINE_PORTS[engine]];
      }
      const found = templates.referenced(stack, source);
      return found === undefined || hops === 0 ? [undefined] : portsOf(templates, found, hops - 1);
    }
    default:
      return [engine === 'memcached' ? 11_211 : 6_379];
  }
}

/** The port that a value of a rule is: written, or that of an endpoint. */
export function portIn(templates: Templates, stack: AssemblyStack, value: unknown): number | undefined {
  const resource = resourceIn(templates, stack, value);
  if (resource === undefined || !isTarget(resource)) {
    return numberIn(value);
  }
  const [port, replicas] = portsOf(templates, resource);
  const text = JSON.stringify(value);
  return replicas === undefined || /\bEndpoint\.Port/.test(text)
    ? port
    : text.includes('ReaderEndpoint.Port')
      ? replicas
      : undefined;
}
