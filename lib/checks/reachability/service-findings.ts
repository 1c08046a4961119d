import type { ReachabilityReport } from '../../../assembly/reachability';
import { pathOf } from '../../../assembly/reachability/construct-path';
import type { Finding } from '../finding';
import { placeOf } from './place';

/** What is wrong with the ways of consumers to services of AWS. */
export function serviceFindings({ services }: ReachabilityReport): Finding[] {
  return services.flatMap((connection): Finding[] => {
    const { from, service } = connection;
    const place = { ...placeOf(from), metadata: { from: pathOf(from), to: service.title } };
    switch (connection.state) {
      case 'open':
        return [];
      case 'unknown':
        return [
          {
            rule: 'reachability-unknown',
            severity: 'informational',
            description: `it is not known whether ${from.label} can reach ${service.title}: ${connection.why}`,
            fix: 'make what is named there in the same app, or see to it yourself',
            ...place,
          },
        ];
      default:
        return [
          {
            rule: 'service-unreachable',
            severity: 'error',
            description: connection.reason,
            fix: connection.fix,
            ...place,
          },
        ];
    }
  });
}
