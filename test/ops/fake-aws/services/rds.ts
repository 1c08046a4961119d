import { DescribeDBInstances$, type DescribeDBInstancesMessage } from '@aws-sdk/client-rds';
import { AwsError } from '../aws-error';
import { operation, type Service } from '../operation';
import { type Paging, pageOf } from '../pages';

const PAGES: Paging<'Marker'> = {
  size: { name: 'MaxRecords', least: 20, most: 100 },
  usual: 100,
  token: 'Marker',
  answered: 'Marker',
  badSize: invalid,
  badToken: invalid,
};

export const RDS: Service = {
  prefix: 'rds',
  signingName: 'rds',
  protocol: { name: 'query', version: '2014-10-31', namespace: 'http://rds.amazonaws.com/doc/2014-10-31/' },
  invalid,
  operations: [
    operation(
      DescribeDBInstances$,
      ['DBInstanceIdentifier', 'MaxRecords', 'Marker'],
      (input: DescribeDBInstancesMessage, context) => {
        const asked = input.DBInstanceIdentifier?.toLowerCase();
        const instances = context.state.dbInstances.filter(
          ({ DBInstanceIdentifier }) => asked === undefined || DBInstanceIdentifier === asked,
        );
        if (asked !== undefined && instances.length === 0) {
          throw new AwsError('DBInstanceNotFound', `DBInstance ${asked} not found.`, 404);
        }
        const { records, next } = pageOf(instances, input, context, PAGES);
        return { DBInstances: records, ...next };
      },
    ),
  ],
};

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
