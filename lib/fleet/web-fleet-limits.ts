import { type Duration, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Limit, wholeNumber } from '../limits';
import { healthyRange } from './fleet-rollout';
import type { WebFleetProps } from './web-fleet-props';

/** What AWS would refuse at deploy time, or what would not work there. */
export function webFleetLimits(
  scope: Construct,
  props: WebFleetProps,
  minCapacity: number,
  maxCapacity: number,
): Limit[] {
  const { region } = Stack.of(scope);
  const { certificate, healthCheck = {}, minHealthyPercentage = 100, maxHealthyPercentage = 150 } = props;
  const secure = certificate !== undefined || (props.domainName !== undefined && props.hostedZone !== undefined);
  const zone = certificate === undefined ? undefined : regionOf(certificate.certificateArn);
  return [
    {
      broken: Token.isUnresolved(region) && props.loadBalancer === undefined,
      message:
        'a `WebFleet` needs a stack with a region, because who writes the access logs differs by region: ' +
        "give the stack `env: { region: 'us-east-1' }` or another",
    },
    wholeNumber('minCapacity', minCapacity, 1, 100),
    wholeNumber('maxCapacity', maxCapacity, minCapacity, 100),
    {
      broken: (props.domainName === undefined) !== (props.hostedZone === undefined),
      message: '`domainName` and `hostedZone` go together: the name is written into the zone',
    },
    {
      broken: !secure && props.insecureHttp !== true,
      message:
        '`certificate` is missing: give one, or `domainName` and `hostedZone`, or set `insecureHttp` in a development environment',
    },
    {
      broken: secure && props.insecureHttp === true,
      message: '`certificate` and `insecureHttp` exclude each other',
    },
    {
      broken: zone !== undefined && !Token.isUnresolved(region) && zone !== region,
      message: `\`certificate\` is of ${zone}, but the load balancer stands in ${region}: AWS takes certificates of the same region only`,
    },
    wholeNumber('minHealthyPercentage', minHealthyPercentage, 0, 100),
    wholeNumber('maxHealthyPercentage', maxHealthyPercentage, 100, 200),
    healthyRange(minHealthyPercentage, maxHealthyPercentage),
    {
      broken: props.warmPool !== undefined && props.instances?.isMixed === true,
      message:
        '`warmPool` and `FleetInstances.mixed` exclude each other: AWS has no warm pool with a mixed instances policy',
    },
    wholeNumber('targetCpuPercent', props.targetCpuPercent ?? 60, 10, 90),
    ...(props.targetRequestsPerMinute === undefined
      ? []
      : [wholeNumber('targetRequestsPerMinute', props.targetRequestsPerMinute, 1, 10_000_000)]),
    ...within('maxInstanceLifetime', props.maxInstanceLifetime, 86_400, 365 * 86_400),
    ...within('idleTimeout', props.idleTimeout, 1, 4_000),
    ...within('drainTimeout', props.drainTimeout, 0, 3_600),
    ...within('healthCheck.interval', healthCheck.interval, 5, 300),
    ...within('healthCheck.timeout', healthCheck.timeout, 2, 120),
    {
      broken: secondsOf(healthCheck.timeout, 5) >= secondsOf(healthCheck.interval, 10),
      message: '`healthCheck.timeout` must be less than `healthCheck.interval`',
    },
    wholeNumber('healthCheck.healthyThreshold', healthCheck.healthyThreshold ?? 2, 2, 10),
    wholeNumber('healthCheck.unhealthyThreshold', healthCheck.unhealthyThreshold ?? 2, 2, 10),
    {
      broken: healthCheck.path !== undefined && !/^\/[\x21-\x7e]{0,1023}$/.test(healthCheck.path),
      message: `\`healthCheck.path\` must begin with / and have no blanks, got ${JSON.stringify(healthCheck.path)}`,
    },
    ...(props.allowFrom ?? []).map((range) => ({
      broken: !Token.isUnresolved(range) && !/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(range),
      message: `\`allowFrom\` must be address ranges such as 203.0.113.7/32, got ${range}`,
    })),
  ];
}

function within(name: string, duration: Duration | undefined, min: number, max: number): Limit[] {
  if (duration === undefined || duration.isUnresolved()) {
    return [];
  }
  const seconds = duration.toSeconds();
  return [
    {
      broken: seconds < min || seconds > max,
      message: `\`${name}\` must be between ${min} and ${max} seconds, got ${seconds}`,
    },
  ];
}

/** Of a token, which any bound may hold, nothing is known. */
function secondsOf(duration: Duration | undefined, fallback: number): number {
  return duration === undefined ? fallback : duration.isUnresolved() ? Number.NaN : duration.toSeconds();
}

function regionOf(arn: string): string | undefined {
  return Token.isUnresolved(arn) ? undefined : arn.split(':')[3];
}
