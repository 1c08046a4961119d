import { NetworkEgress } from '../network/network';
import type { Environment } from './environment';

/** What a field may hold: a check that says what is wrong, in words that follow the field's name. */
type Field = (value: unknown) => { readonly value: unknown } | { readonly wrong: string };

/** Days that CloudWatch Logs can keep (Logs API, PutRetentionPolicy). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const whole =
  (min: number, max: number): Field =>
  (given) => {
    // `-c` gives text.
    const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? { value }
      : { wrong: `must be a whole number from ${min} to ${max}` };
  };

const yesOrNo: Field = (given) => {
  const value = given === 'true' ? true : given === 'false' ? false : given;
  return typeof value === 'boolean' ? { value } : { wrong: 'must be true or false' };
};

const text =
  (pattern: RegExp, example: string): Field =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? { value } : { wrong: `must be like ${example}` };

const oneOf =
  (allowed: ReadonlyArray<string | number>): Field =>
  (given) => {
    const value = allowed.find((one) => String(one) === String(given));
    return value === undefined ? { wrong: `must be one of ${allowed.join(', ')}` } : { value };
  };

const zones: Field = (given) => {
  const value = typeof given === 'string' ? given.split(',') : given;
  return Array.isArray(value) && value.length >= 2 && value.every((zone) => /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/.test(zone))
    ? { value }
    : { wrong: 'must name at least two Availability Zones, such as us-east-1a,us-east-1b' };
};

const MACHINE = text(/^[a-z]\w*\.\w+$/, 't4g.small');
const machines: Field = (given) => {
  const value = typeof given === 'string' ? given.split(',') : given;
  return Array.isArray(value) && value.length > 0 && value.every((type) => !('wrong' in MACHINE(type)))
    ? { value }
    : { wrong: 'must name machines, such as t4g.small or m7g.medium,m7gd.medium' };
};
const CACHE_NODE = text(/^cache\.[a-z]\w*\.\w+$/, 'cache.t4g.small');

/** Every field that may be set from outside, which is all but the name. */
const FIELDS: { readonly [K in keyof Omit<Environment, 'name'>]-?: Field } = {
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'us-east-1'),
  availabilityZones: zones,
  egress: oneOf(Object.values(NetworkEgress)),
  instanceTypes: machines,
  minInstances: whole(1, 100),
  maxInstances: whole(1, 100),
  targetRequestsPerMinute: whole(1, 10_000_000),
  objectNodes: whole(1, 60),
  objectNodeType: CACHE_NODE,
  sessionReplicas: whole(1, 5),
  sessionNodeType: CACHE_NODE,
  databaseInstanceType: MACHINE,
  databaseMultiAz: yesOrNo,
  databaseStorageGiB: whole(20, 65_536),
  backupRetentionDays: whole(1, 35),
  logRetentionDays: oneOf(RETENTION_DAYS),
  customerKey: yesOrNo,
  protect: yesOrNo,
  insecureHttp: yesOrNo,
  certificateArn: text(
    /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/,
    'arn:aws:acm:us-east-1:123456789012:certificate/…',
  ),
  allowFrom: text(/^[0-9a-fA-F.:]+\/\d{1,3}$/, '203.0.113.7/32'),
  alarmEmail: text(/^[^@\s]+@[^@\s]+$/, 'operators@your-company.com'),
  monthlyBudgetUsd: whole(1, 1_000_000),
};

/** The names of all fields. */
export const FIELD_NAMES: string[] = Object.keys(FIELDS).sort();

/**
 * A field's value as it was given, brought into the field's type.
 *
 * @param where the key it was given by, for the error
 * @throws if there is no such field, or it cannot hold the value
 */
export function readField(name: string, given: unknown, where: string): unknown {
  if (!Object.hasOwn(FIELDS, name)) {
    throw new Error(`no setting \`${name}\` (${where}), there are: ${FIELD_NAMES.join(', ')}`);
  }
  const result = FIELDS[name as keyof typeof FIELDS](given);
  if ('wrong' in result) {
    throw new Error(`\`${where}\` ${result.wrong}, got ${JSON.stringify(given)}`);
  }
  return result.value;
}
