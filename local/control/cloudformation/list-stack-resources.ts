import type { ControlledEnvironment } from '../controlled';
import type { ControlledResource } from '../controlled-resources';
import { pageAfter, pageOf, sortedBy } from '../pages';
import { AnswerList } from '../query/answers';
import type { QueryOperation } from '../query/operation';
import { PAGE_SIZE, stackOf } from './stacks';

const byLogicalId = ({ logicalId }: ControlledResource) => logicalId;

export const listStackResources: QueryOperation<ControlledEnvironment> = (request) => {
  const name = request.required('StackName', request.string('StackName'));
  const after = pageAfter(request, 'NextToken');
  return (environment) => {
    const { resources, createdAt, updatedAt } = stackOf(environment, name);
    const { records, marker } = pageOf(sortedBy(resources, byLogicalId), { size: PAGE_SIZE, after }, byLogicalId);
    return {
      NextToken: marker,
      StackResourceSummaries: new AnswerList(
        'member',
        records.map(({ logicalId, physicalId, type }) => ({
          LogicalResourceId: logicalId,
          PhysicalResourceId: physicalId,
          ResourceType: type,
          LastUpdatedTimestamp: updatedAt ?? createdAt,
          ResourceStatus: updatedAt === undefined ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE',
          DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
        })),
      ),
    };
  };
};
