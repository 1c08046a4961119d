import { pageOf, pageRequest, sortedBy } from '../../pages';
import { AnswerList } from '../../query/answers';
import { cacheSubnetGroupNotFound } from '../faults';
import { arnOf } from '../names';
import type { Operation } from './operation';

const byName = ({ name }: { readonly name: string }) => name;

export const describeCacheSubnetGroups: Operation = (request) => {
  const name = request.identifier('CacheSubnetGroupName');
  const page = pageRequest(request);
  return ({ environment }) => {
    const groups = sortedBy(environment.subnetGroups, byName).filter(
      (group) => name === undefined || group.name === name,
    );
    if (name !== undefined && groups.length === 0) {
      throw cacheSubnetGroupNotFound(name);
    }
    const { records, marker } = pageOf(groups, page, byName);
    return {
      Marker: marker,
      CacheSubnetGroups: new AnswerList(
        'CacheSubnetGroup',
        records.map((group) => ({
          CacheSubnetGroupName: group.name,
          CacheSubnetGroupDescription: group.description,
          Subnets: new AnswerList(
            'Subnet',
            group.subnets.map(({ id, zone }) => ({
              SubnetIdentifier: id,
              SubnetAvailabilityZone: { Name: zone },
              SupportedNetworkTypes: new AnswerList('member', ['ipv4']),
            })),
          ),
          SupportedNetworkTypes: new AnswerList('member', ['ipv4']),
          ARN: arnOf('subnetgroup', group.name, environment.region),
        })),
      ),
    };
  };
};
