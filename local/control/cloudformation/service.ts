import type { ControlledEnvironment } from '../controlled';
import { queryService } from '../query/query-service';
import type { Service } from '../service';
import { describeStacks } from './describe-stacks';
import { getTemplate } from './get-template';
import { listStackResources } from './list-stack-resources';

export function cloudformation(environment: ControlledEnvironment): Service {
  return queryService({
    host: 'http://cloudformation.amazonaws.com',
    version: '2010-05-15',
    operations: new Map([
      ['DescribeStacks', describeStacks],
      ['GetTemplate', getTemplate],
      ['ListStackResources', listStackResources],
    ]),
    context: environment,
    hasOneCode: true,
  });
}
