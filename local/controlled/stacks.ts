import { logicalIdOf } from '../../assembly/templates';
import type { ControlledStack } from '../control/controlled-resources';
import { arn } from '../control/names';
import type { EngineRoom } from '../engine-room';
import { loadBalancingOf } from '../fleet-plan';
import type { Plan } from '../plan';
import { physicalIds } from './physical-ids';
import type { RunningService } from './service';
import type { StackRecord } from './stack-records';
import { type ResourceValues, templateValue } from './template-values';

/** The output that the stack of a fleet tells its address by. */
const ADDRESS_OUTPUT = 'Address';

/** What is shown of the stacks. */
export function controlledStacks(
  records: readonly StackRecord[],
  plan: Plan,
  room: EngineRoom,
  service: RunningService | undefined,
  region: string,
): ControlledStack[] {
  const { templates, fleet } = plan.source;
  const ids = physicalIds(plan, region);
  const values = new Map([...ids, ...endpointsOf(room), ...(service === undefined ? [] : addressesOf(plan, service))]);
  return records.map(({ stack, uuid, ...record }) => ({
    ...record,
    arn: arn('cloudformation', region, `stack/${record.name}/${uuid}`),
    outputs: Object.entries(stack.outputs).flatMap(([key, output]) => {
      const { Value: value, Export: exported } = output;
      const isAddress = key === ADDRESS_OUTPUT && stack.id === fleet?.stack.id && service !== undefined;
      // Whatever the template's one is: HTTPS and a name of its own end at the real load balancer.
      const known = isAddress
        ? `http://localhost:${service.port}`
        : templateValue(templates, values, region, stack, value);
      const exportName =
        exported?.Name === undefined ? undefined : templateValue(templates, values, region, stack, exported.Name);
      return known === undefined ? [] : [{ key, value: known, exportName }];
    }),
    resources: templates.resources.flatMap((resource) => {
      const physicalId = ids.get(resource.id);
      return resource.stack.id !== stack.id || physicalId === undefined
        ? []
        : [{ logicalId: logicalIdOf(resource), physicalId, type: resource.type }];
    }),
  }));
}

/** Addresses of caches and databases by the attributes that templates ask them by. */
function endpointsOf(room: EngineRoom): ResourceValues {
  const values = new Map<string, string>();
  const add = (id: string, attribute: string, host: string, port: number) => {
    values.set(`${id}.${attribute}.Address`, host);
    values.set(`${id}.${attribute}.Port`, String(port));
  };
  for (const [id, { kind, endpoint }] of room.caches) {
    const { port, readerHost } = endpoint;
    if (kind === 'group') {
      add(id, 'PrimaryEndPoint', 'localhost', port);
      add(id, 'ConfigurationEndPoint', 'localhost', port);
      if (readerHost !== undefined) {
        add(id, 'ReaderEndPoint', readerHost, port);
      }
    } else {
      add(id, kind === 'memcached' ? 'ConfigurationEndpoint' : 'Endpoint', 'localhost', port);
    }
  }
  for (const [id, { endpoint }] of room.databases) {
    add(id, 'Endpoint', 'localhost', endpoint.port);
  }
  return values;
}

/** Of the load balancer: with its port, which is none that HTTP would take for granted. */
function addressesOf({ source: { templates, fleet } }: Plan, { port }: RunningService): ResourceValues {
  const { loadBalancer } = fleet === undefined ? {} : loadBalancingOf(templates, fleet);
  return new Map(loadBalancer === undefined ? [] : [[`${loadBalancer.id}.DNSName`, `localhost:${port}`]]);
}
