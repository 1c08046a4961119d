import type { Construct } from 'constructs';
import { enforce } from '../limits';
import { DEV, type Environment, PROD, STAGING } from './environment';
import { readField } from './environment-fields';

/** Key of the context in which `cdk.json` changes settings, by environment: `{ "prod": { "minInstances": 4 } }`. */
const CONTEXT_KEY = 'environments';

/** A setting on the command line, for example `-c prod.minInstances=4`. */
const SETTING = /^([a-z][a-z0-9]*)\.([a-zA-Z]+)$/;

const TABLE = [DEV, STAGING, PROD];

/** The environments: a table, and what the context changes of it. */
export class Environments {
  /**
   * All environments. Settings of `cdk.json` stand above the table, and those of the command line (`-c dev.objectNodes=3`)
   * above both.
   *
   * @param scope the app
   * @throws if a setting or an environment does not exist, or a value is impossible; the error says what is allowed
   */
  static all(scope: Construct): Environment[] {
    const context = scope.node.getAllContext() as Record<string, unknown>;
    const changes = new Map<string, Record<string, unknown>>(TABLE.map(({ name }) => [name, {}]));
    for (const [name, settings] of Object.entries(asObject(context[CONTEXT_KEY] ?? {}, CONTEXT_KEY))) {
      const own = of(changes, name);
      for (const [key, value] of Object.entries(asObject(settings, `${CONTEXT_KEY}.${name}`))) {
        own[key] = readField(key, value, `${CONTEXT_KEY}.${name}.${key}`);
      }
    }
    for (const [key, value] of Object.entries(context)) {
      const [, name, setting] = SETTING.exec(key) ?? [];
      if (name !== undefined && setting !== undefined) {
        of(changes, name)[setting] = readField(setting, value, key);
      }
    }
    return TABLE.map((environment) => checked({ ...environment, ...changes.get(environment.name) }));
  }

  /** One environment. @throws as `all`, and if there is none of the name */
  static named(scope: Construct, name: string): Environment {
    const found = Environments.all(scope).find((environment) => environment.name === name);
    if (found === undefined) {
      throw unknown(name);
    }
    return found;
  }
}

function of(changes: Map<string, Record<string, unknown>>, name: string): Record<string, unknown> {
  const own = changes.get(name);
  if (own === undefined) {
    throw unknown(name);
  }
  return own;
}

function unknown(name: string): Error {
  return new Error(`no environment \`${name}\`, there are: ${TABLE.map((environment) => environment.name).join(', ')}`);
}

function asObject(value: unknown, key: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`\`${key}\` of the context must be an object, got ${JSON.stringify(value)}`);
  }
  return value as Record<string, unknown>;
}

/** What settings must be together. */
function checked(environment: Environment): Environment {
  const { name, region, availabilityZones, minInstances, maxInstances, insecureHttp, certificateArn } = environment;
  const elsewhere = availabilityZones.find((zone) => !zone.startsWith(region));
  enforce([
    {
      broken: elsewhere !== undefined,
      message: `\`${name}.availabilityZones\` names ${elsewhere}, which is not in \`${name}.region\` (${region}): set both`,
    },
    {
      broken: maxInstances < minInstances,
      message: `\`${name}.maxInstances\` must be at least \`${name}.minInstances\` (${minInstances}), got ${maxInstances}`,
    },
    {
      broken: insecureHttp && certificateArn !== undefined,
      message: `\`${name}.insecureHttp\` and \`${name}.certificateArn\` exclude each other`,
    },
    {
      broken: !insecureHttp && certificateArn === undefined,
      message: `\`${name}.certificateArn\` is missing: give the certificate of your domain (\`-c ${name}.certificateArn=arn:…\`)`,
    },
    {
      broken: insecureHttp && environment.protect,
      message: `\`${name}.insecureHttp\` is for development: a protected environment speaks HTTPS`,
    },
    {
      broken: certificateArn !== undefined && certificateArn.split(':')[3] !== region,
      message: `\`${name}.certificateArn\` is of ${certificateArn?.split(':')[3]}, but \`${name}.region\` is ${region}: AWS takes certificates of the same region only`,
    },
  ]);
  return environment;
}
