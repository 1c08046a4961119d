import { pageOf, pageRequest, sortedBy } from '../../pages';
import { AnswerList } from '../../query/answers';
import { cacheClusterAnswer } from '../cache-cluster-answer';
import { cacheParameterGroupNotFound, serverlessCacheNotFound } from '../faults';
import { arnOf, endpointOf } from '../names';
import { SERVERLESS_LIMITS } from '../page-limits';
import { replicationGroupAnswer } from '../replication-group-answer';
import type { Operation } from './operation';

const byId = ({ id }: { readonly id: string }) => id;
const byName = ({ name }: { readonly name: string }) => name;

export const describeReplicationGroups: Operation = (request) => {
  const id = request.identifier('ReplicationGroupId');
  const page = pageRequest(request);
  return (plane) => {
    const groups = id === undefined ? sortedBy(plane.groups, byId) : [plane.group(id)];
    const { records, marker } = pageOf(groups, page, byId);
    return {
      Marker: marker,
      ReplicationGroups: new AnswerList(
        'ReplicationGroup',
        records.map((control) => replicationGroupAnswer(control, plane.environment.region)),
      ),
    };
  };
};

export const describeCacheClusters: Operation = (request) => {
  const id = request.identifier('CacheClusterId');
  const withNodes = request.boolean('ShowCacheNodeInfo') ?? false;
  const withoutMembers = request.boolean('ShowCacheClustersNotInReplicationGroups') ?? false;
  const page = pageRequest(request);
  return (plane) => {
    const clusters = id === undefined ? sortedBy(plane.cacheClusters, byId) : [plane.cacheCluster(id)];
    const { records, marker } = pageOf(
      clusters.filter(({ type }) => type === 'memcached' || !withoutMembers),
      page,
      byId,
    );
    return {
      Marker: marker,
      CacheClusters: new AnswerList(
        'CacheCluster',
        records.map((cluster) => cacheClusterAnswer(cluster, plane.environment.region, withNodes)),
      ),
    };
  };
};

export const describeServerlessCaches: Operation = (request) => {
  const id = request.identifier('ServerlessCacheName');
  const page = pageRequest(request, SERVERLESS_LIMITS, { size: 'MaxResults', marker: 'NextToken' });
  return ({ environment }) => {
    const caches = sortedBy(environment.serverlessCaches, byId).filter((cache) => id === undefined || cache.id === id);
    if (id !== undefined && caches.length === 0) {
      throw serverlessCacheNotFound(id);
    }
    const { records, marker } = pageOf(caches, page, byId);
    return {
      NextToken: marker,
      ServerlessCaches: new AnswerList(
        'member',
        records.map((cache) => ({
          ServerlessCacheName: cache.id,
          Description: cache.description,
          CreateTime: cache.createdAt,
          Status: 'available',
          Engine: cache.engine,
          MajorEngineVersion: cache.majorVersion,
          Endpoint: endpointOf(cache.endpoint),
          ReaderEndpoint: cache.reader === undefined ? undefined : endpointOf(cache.reader),
          ARN: arnOf('serverlesscache', cache.id, environment.region),
          UserGroupId: cache.userGroupId,
          SnapshotRetentionLimit: cache.snapshotRetentionDays,
          NetworkType: 'ipv4',
        })),
      ),
    };
  };
};

export const describeCacheParameters: Operation = (request) => {
  const name = request.required('CacheParameterGroupName', request.identifier('CacheParameterGroupName'));
  const source = request.choice('Source', ['user', 'system', 'engine-default']);
  const page = pageRequest(request);
  return ({ environment }) => {
    const group = environment.parameterGroups.find((candidate) => candidate.name.toLowerCase() === name);
    if (group === undefined) {
      throw cacheParameterGroupNotFound(name);
    }
    const parameters = group.parameters.map((parameter) => ({
      ...parameter,
      source: parameter.isUsers ? 'user' : 'system',
    }));
    const { records, marker } = pageOf(
      sortedBy(parameters, byName).filter((parameter) => source === undefined || parameter.source === source),
      page,
      byName,
    );
    return {
      Marker: marker,
      Parameters: new AnswerList(
        'Parameter',
        records.map((parameter) => ({
          ParameterName: parameter.name,
          ParameterValue: parameter.value,
          Source: parameter.source,
        })),
      ),
      CacheNodeTypeSpecificParameters: new AnswerList('CacheNodeTypeSpecificParameter', []),
    };
  };
};
