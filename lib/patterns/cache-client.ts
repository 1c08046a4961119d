import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { BINDINGS_VARIABLE } from '../../runtime/binding';
import type { ICache } from '../cache/cache';
import type { IDatabase } from '../database/database-base';
import { letIn } from '../network/data-connections';
import { ClientBinding } from './client-binding';

/** Where Lambda unpacks a function's code. */
const LAMBDA_DIRECTORY = '/var/task';

/** What a client is connected to, by the names that it calls them. */
export interface Backends {
  readonly caches: { [name: string]: ICache };
  readonly databases: { [name: string]: IDatabase };
}

/** Lets a client's security groups in, and its identity sign in. */
export function allowClient(client: ec2.IConnectable, grantee: iam.IGrantable, what: Backends): void {
  for (const [name, backend] of [...Object.entries(what.caches), ...Object.entries(what.databases)]) {
    letIn(client.connections.securityGroups, backend, `Client of ${name}`);
    backend.grantConnect(grantee);
  }
}

/**
 * Connects a function, which finds the binding in `CACHE_BINDINGS`.
 *
 * @throws if the function is not in a VPC
 */
export function connectFunction(client: lambda.Function, what: Backends): void {
  if (!client.isBoundToVpc) {
    throw new Error(
      `function ${client.node.path} is not in a VPC, from where no cache can be reached: give it \`vpc\``,
    );
  }
  allowClient(client, client, what);
  const binding = bind(ClientBinding.of(client), what, LAMBDA_DIRECTORY);
  client.addEnvironment(BINDINGS_VARIABLE, binding.text);
}

/**
 * Connects a container of an ECS service, which finds the binding in `CACHE_BINDINGS`.
 *
 * @param directory where the container has `rds.pem`
 */
export function connectContainer(
  service: ecs.BaseService,
  container: ecs.ContainerDefinition,
  what: Backends,
  directory: string,
): void {
  allowClient(service, service.taskDefinition.taskRole, what);
  const known = ClientBinding.of(container);
  const first = !known.isUsed;
  const binding = bind(known, what, directory);
  if (first) {
    container.addEnvironment(BINDINGS_VARIABLE, binding.text);
  }
}

function bind(binding: ClientBinding, what: Backends, directory: string): ClientBinding {
  for (const [name, cache] of Object.entries(what.caches)) {
    binding.addCache(name, cache._bindingEntry());
  }
  for (const [name, database] of Object.entries(what.databases)) {
    binding.addDatabase(name, database._bindingEntry(directory));
  }
  return binding;
}
