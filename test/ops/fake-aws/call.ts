import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws-error';
import { nameOf, type Operation, type Service } from './operation';
import { AUTO_SCALING } from './services/auto-scaling';
import { CLOUDFORMATION } from './services/cloudformation';
import { CLOUDWATCH } from './services/cloudwatch';
import { ELASTICACHE } from './services/elasticache';
import { LOAD_BALANCING } from './services/load-balancing';
import { RDS } from './services/rds';
import { SECRETS_MANAGER } from './services/secrets-manager';
import { jsonInput } from './wire/json';
import { queryInput } from './wire/query';

const SERVICES = [CLOUDFORMATION, ELASTICACHE, RDS, AUTO_SCALING, LOAD_BALANCING, CLOUDWATCH, SECRETS_MANAGER];

/** What a request asks for. */
export interface Asked {
  readonly operation: Operation;
  /** As IAM writes it. */
  readonly action: string;
  readonly input: object;
}

/** @throws AwsError when the fake has no such service */
export function serviceSignedFor(signingName: string): Service {
  const service = SERVICES.find((candidate) => candidate.signingName === signingName);
  if (service === undefined) {
    throw new AwsError('SignatureDoesNotMatch', `This fake has no service that signs as ${signingName}.`, 403);
  }
  return service;
}

/** @throws AwsError when the service has no such operation, or the fake does not know a parameter of it */
export async function askedBy(request: IncomingMessage, body: Buffer, service: Service): Promise<Asked> {
  const { operation, input } = await read(request, body, service);
  const unknown = Object.keys(input).find((member) => !operation.reads.includes(member));
  if (unknown !== undefined) {
    throw service.invalid(`This fake does not know the parameter ${unknown} of ${nameOf(operation)}.`);
  }
  return { operation, action: `${service.prefix}:${nameOf(operation)}`, input };
}

async function read({ headers }: IncomingMessage, body: Buffer, service: Service) {
  const { protocol } = service;
  if (protocol.name === 'query') {
    const form = new URLSearchParams(body.toString());
    const [action, version] = [form.get('Action'), form.get('Version')];
    const operation = version === protocol.version ? operationNamed(service, action) : undefined;
    if (operation === undefined) {
      throw new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`);
    }
    return { operation, input: queryInput(operation, form) };
  }
  const [target, name = ''] = String(headers['x-amz-target']).split('.');
  const isSpoken = headers['content-type'] === `application/x-amz-json-${protocol.version}`;
  const operation = isSpoken && target === protocol.target ? operationNamed(service, name) : undefined;
  if (operation === undefined) {
    throw new AwsError('UnknownOperationException', `There is no operation ${target}.${name}`, 404);
  }
  return { operation, input: await jsonInput(operation, body) };
}

function operationNamed({ operations }: Service, name: string | null): Operation | undefined {
  return operations.find((candidate) => nameOf(candidate) === name);
}
