import type { EnvironmentState, LoadBalancerState } from '../environment/environment-state';
import { dataOf, withoutData } from './caches';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, unknown } from './rule';
import { highest, last, repeated, span, sum } from './series';
import { balancerGuide } from './sources';
import { counted, figure, percent } from './words';

/** Percent of requests; AWS gives no number. Below so many failures a share says nothing. */
const FAILED_PERCENT = 1;
const FAILED_LEAST = 10;

/** Seconds that an answer takes on average; AWS gives no number. */
const ANSWER_SECONDS = 1;

/** ACM renews 60 days before (acm/latest/userguide/managed-renewal.html): half of that is over. */
export const CERTIFICATE_DAYS = 30;

/** What visitors get. */
export const LOAD_BALANCER_RULES: readonly DoctorRule[] = [
  {
    id: 'balancer-not-active',
    severity: 'critical',
    disposable: 'high',
    title: 'A load balancer is not active',
    fix: 'DescribeLoadBalancers says why: often its subnets have no free addresses',
    source: balancerGuide('application-load-balancers'),
    judge: each(
      balancers,
      ({ name, state }) => state !== 'active' && found(`load balancer ${name}`, `its state is ${state}`),
    ),
  },
  {
    id: 'requests-fail',
    severity: 'high',
    disposable: 'medium',
    title: `${FAILED_PERCENT} % of the requests fail, or more`,
    fix: 'the log of the application for those of targets; no target that serves, or one that takes too long, for those of the load balancer',
    source: balancerGuide('load-balancer-cloudwatch-metrics'),
    judge: each(balancers, ({ name, metrics }, state) => {
      const subject = `load balancer ${name}`;
      const data = dataOf(metrics, ['RequestCount']);
      if (data === undefined) {
        return withoutData(state, subject, ['RequestCount']);
      }
      // The load balancer tells of failures only where there are some.
      const [targets, own] = [metrics.HTTPCode_Target_5XX_Count ?? [], metrics.HTTPCode_ELB_5XX_Count ?? []].map(
        sum,
      ) as [number, number];
      const requests = Math.max(sum(data.RequestCount), targets + own);
      const share = ((targets + own) / requests) * 100;
      return (
        targets + own >= FAILED_LEAST &&
        share >= FAILED_PERCENT &&
        found(
          subject,
          `${percent(share)} of ${figure(requests)} requests in ${span(data.RequestCount)}: ${figure(targets)} failed in targets, ${figure(own)} in the load balancer`,
        )
      );
    }),
  },
  {
    id: 'requests-slow',
    severity: 'low',
    title: `Answers took ${ANSWER_SECONDS} second or more on average, again and again`,
    fix: 'the hit ratio of the caches, slow queries of the database, and the CPU of the fleet (`targetCpuPercent`)',
    source: balancerGuide('load-balancer-cloudwatch-metrics'),
    judge: each(balancers, ({ name, metrics }, state) => {
      const subject = `load balancer ${name}`;
      const data = dataOf(metrics, ['TargetResponseTime']);
      if (data === undefined) {
        return withoutData(state, subject, ['TargetResponseTime']);
      }
      const times = repeated(data.TargetResponseTime, (seconds) => seconds >= ANSWER_SECONDS);
      return (
        times !== undefined &&
        found(
          subject,
          `up to ${figure(highest(data.TargetResponseTime))} s on average, in ${times} quarters of an hour`,
        )
      );
    }),
  },
  {
    id: 'https-certificate-expires',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: `The certificate of a load balancer expires within ${CERTIFICATE_DAYS} days, and was not renewed`,
    fix: 'ACM renews what it can validate: see DescribeCertificate, and the DNS record that it asks for; an imported one is imported again',
    source: 'https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html',
    judge: each(balancers, ({ name, certificates, metrics }, state) => {
      const subject = `load balancer ${name}`;
      if (certificates.length === 0) {
        return undefined;
      }
      const data = dataOf(metrics, ['DaysToExpiry']);
      if (data === undefined) {
        const why = 'CloudWatch has no days to the expiry of its certificate in the last 24 hours: it may have expired';
        return unknown(subject, becauseOf(state, 'cloudwatch:GetMetricData', why));
      }
      const days = last(data.DaysToExpiry);
      return days < CERTIFICATE_DAYS && found(subject, `it expires in ${counted(days, 'day')}`);
    }),
  },
];

/** Each once: several fleets may stand behind one. */
function balancers(state: EnvironmentState): LoadBalancerState[] {
  const found = state.fleets.flatMap(({ loadBalancer }) => loadBalancer ?? []);
  return [...new Map(found.map((balancer) => [`${balancer.name} ${balancer.dnsName}`, balancer])).values()];
}
