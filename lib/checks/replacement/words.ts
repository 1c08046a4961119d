import type { PropertyChange } from './kept-resource';

/** Longest text of a value in a sentence. */
const LONGEST = 60;

const NAMES: Readonly<Record<string, string>> = {
  'AWS::CloudFormation::Stack': 'nested stack',
  'AWS::EC2::Volume': 'EBS volume',
  'AWS::EFS::FileSystem': 'EFS file system',
  'AWS::ElastiCache::CacheCluster': 'cache cluster',
  'AWS::ElastiCache::ReplicationGroup': 'replication group',
  'AWS::ElastiCache::ServerlessCache': 'serverless cache',
  'AWS::ElastiCache::User': 'cache user',
  'AWS::ElastiCache::UserGroup': 'group of cache users',
  'AWS::KMS::Key': 'KMS key',
  'AWS::RDS::DBCluster': 'database cluster',
  'AWS::RDS::DBInstance': 'database',
  'AWS::SQS::Queue': 'SQS queue',
};

/** Names of properties that hold what nobody may read. */
const SECRET = /password|passwd|secret|token|authenticationmode/i;

/** A type as people call it, for example `replication group`. */
export function nameOf(type: string): string {
  const [, service = '', last = type] = type.split('::');
  return NAMES[type] ?? `${service} ${last.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()}`.trim();
}

/** What happens to a property, for example `` `Port` changes from 6379 to 6400 ``. */
export function describeChange({ name, before, now, replaced }: PropertyChange): string {
  if (replaced !== undefined) {
    return `\`${name}\` refers to ${replaced}, which is replaced`;
  }
  if (SECRET.test(name)) {
    return `\`${name}\` ${before === undefined ? 'is added' : now === undefined ? 'is removed' : 'changes'}`;
  }
  if (before === undefined) {
    return `\`${name}\` is added: ${shown(now)}`;
  }
  return now === undefined
    ? `\`${name}\` is removed: ${shown(before)}`
    : `\`${name}\` changes from ${shown(before)} to ${shown(now)}`;
}

/** A list as English has it: `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (reference(value) ?? JSON.stringify(value, hidden));
  // The middle is left out: long names differ at their ends.
  return text.length > LONGEST ? `${text.slice(0, LONGEST / 2 - 1)}…${text.slice(-LONGEST / 2)}` : text;
}

/** A reference by the name that it has in the template. */
function reference(value: unknown): string | undefined {
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported } = Object(value) as Record<string, unknown>;
  if (ref !== undefined) {
    return String(ref);
  }
  if (attribute !== undefined) {
    return Array.isArray(attribute) ? attribute.join('.') : String(attribute);
  }
  return typeof imported === 'string' ? imported : undefined;
}

function hidden(key: string, value: unknown): unknown {
  return SECRET.test(key) ? '(secret)' : value;
}
