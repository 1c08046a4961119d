import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Assembly } from '../../assembly/assembly';
import { temporaryFolder } from '../engines/temporary-folder';

/** A template, without what the local environment does not read. */
export interface WrittenTemplate {
  readonly Resources?: object;
  readonly Outputs?: object;
}

/** Templates by the names of their stacks; those of a stage by its name. */
export interface WrittenAssembly {
  readonly stacks?: Readonly<Record<string, WrittenTemplate>>;
  readonly stages?: Readonly<Record<string, Readonly<Record<string, WrittenTemplate>>>>;
}

/** Key of the asset that every assembly written here has. */
export const ASSET = 'a.zip';

/** Writes an assembly as `cdk synth` does. CloudFormation knows a stack as `app-<stack>`, or `<stage>-<stack>`. */
export function writeAssembly({ stacks = {}, stages = {} }: WrittenAssembly): Assembly {
  const directory = temporaryFolder('assembly');
  mkdirSync(join(directory, 'asset'));
  writeFileSync(join(directory, 'asset', 'deploy.js'), '');
  writeFileSync(
    join(directory, 'assets.json'),
    JSON.stringify({ files: { a: { source: { path: 'asset' }, destinations: { d: { objectKey: ASSET } } } } }),
  );
  for (const [stage, own] of Object.entries(stages)) {
    mkdirSync(join(directory, `assembly-${stage}`));
    writeManifest(join(directory, `assembly-${stage}`), stage, own, {});
  }
  writeManifest(directory, undefined, stacks, {
    Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
    ...Object.fromEntries(
      Object.keys(stages).map((stage) => [
        `assembly-${stage}`,
        { type: 'cdk:cloud-assembly', properties: { directoryName: `assembly-${stage}`, displayName: stage } },
      ]),
    ),
  });
  return new Assembly(directory);
}

function writeManifest(
  directory: string,
  stage: string | undefined,
  stacks: Readonly<Record<string, WrittenTemplate>>,
  others: object,
): void {
  const artifacts = Object.entries(stacks).map(([stack, template]) => {
    writeFileSync(join(directory, `${stack}.template.json`), JSON.stringify(template));
    return [
      `${stage ?? ''}${stack}`,
      {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: `${stack}.template.json`, stackName: `${stage ?? 'app'}-${stack}` },
        displayName: stage === undefined ? stack : `${stage}/${stack}`,
      },
    ];
  });
  writeFileSync(
    join(directory, 'manifest.json'),
    JSON.stringify({ artifacts: { ...Object.fromEntries(artifacts), ...others } }),
  );
}

/** The Auto Scaling group of a fleet that uses nothing; `description` changes its metadata. */
export function writtenFleet(description: object = {}, properties: object = {}): object {
  return {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: properties,
    Metadata: {
      'cdk-elasticache:fleet': {
        application: { bucket: 'b', key: ASSET, entry: 'server.js' },
        environment: {},
        port: 8080,
        binding: writtenBinding({}),
        deploySteps: [],
        ...description,
      },
    },
  };
}

/** A binding to these caches and databases. */
export function writtenBinding(bound: { caches?: object; databases?: object }): object {
  return { version: 1, caches: {}, databases: {}, metricsNamespace: 'x', ...bound };
}
