import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnWaitConditionHandle, Stack, Stage } from 'aws-cdk-lib';
import { Assembly } from '../../assembly/assembly';
import { chooseTemplates } from '../../local/choose-templates';
import { writeAssembly, writtenFleet } from '../assembly/write-assembly';
import { temporaryFolder } from '../engines/temporary-folder';

const TOPIC = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
const FLEET = { Resources: { Group: writtenFleet() } };

describe('which environment', () => {
  test('the stacks of an assembly without stages', () => {
    const { templates, fleet, others } = chooseTemplates(writeAssembly({ stacks: { Data: TOPIC, Service: FLEET } }));

    expect([templates.name, fleet?.label, others]).toEqual(['Data+Service', 'Service/Group', []]);
  });

  test('the only one with a fleet, whatever its name', () => {
    const assembly = writeAssembly({ stages: { dev: { data: TOPIC }, live: { data: TOPIC, service: FLEET } } });

    expect(chooseTemplates(assembly).templates.name).toBe('live');
  });

  test('dev, where there are several', () => {
    const assembly = writeAssembly({ stages: { beta: { a: FLEET }, dev: { a: FLEET }, live: { a: FLEET } } });
    const { templates, fleet, others } = chooseTemplates(assembly);

    expect([templates.name, fleet?.label, others]).toEqual(['dev', 'dev/a/Group', ['beta', 'live']]);
  });

  test('the only one with caches or a database, where no fleet is known how to run', () => {
    const data = { Resources: { Cache: { Type: 'AWS::ElastiCache::ReplicationGroup' } } };
    const { templates, fleet } = chooseTemplates(
      writeAssembly({ stacks: { Other: TOPIC }, stages: { dev: { data } } }),
    );

    expect([templates.name, fleet]).toEqual(['dev', undefined]);
  });

  test('the one that is named', () => {
    const assembly = writeAssembly({ stacks: { Pipeline: TOPIC }, stages: { dev: { a: FLEET }, live: { a: FLEET } } });

    expect(chooseTemplates(assembly, 'live').templates.name).toBe('live');
  });

  test('a stage in a stage, as CDK writes it', () => {
    const app = new App();
    const inner = new Stage(new Stage(app, 'eu'), 'live');
    for (const stack of [new Stack(inner, 'Data'), new Stack(app, 'Pipeline')]) {
      new CfnWaitConditionHandle(stack, 'Something');
    }

    const { environments } = new Assembly(app.synth().directory);

    expect(environments.map(({ name, stacks }) => [name, stacks.map(({ path }) => path)])).toEqual([
      ['Pipeline', ['Pipeline']],
      ['eu/live', ['eu/live/Data']],
    ]);
  });
});

test.each([
  [
    'an unknown name: it lists those that there are',
    { stages: { dev: { a: FLEET }, staging: { a: FLEET }, prod: { a: FLEET } } },
    'production',
    /has no environment `production`, there are: dev, staging, prod$/,
  ],
  ['a name, and no environment at all', {}, 'dev', /has no environment `dev`, there are: none$/],
  [
    'several, none of which is dev',
    { stages: { blue: { a: FLEET }, green: { a: FLEET }, empty: { a: TOPIC } } },
    undefined,
    /has 2 environments \(blue, green\): choose one with --environment$/,
  ],
  [
    'nothing to run',
    { stacks: { Mine: TOPIC }, stages: { dev: { data: TOPIC } } },
    undefined,
    /assembly-\w+ has nothing to run: no cache, no database and no Auto Scaling group made by a `WebFleet` in it \(found: Mine, dev\/data\)$/,
  ],
  [
    'nothing to run in the one that is named',
    { stages: { dev: { data: TOPIC }, prod: { a: FLEET } } },
    'dev',
    /the environment `dev` of \S+ has nothing to run: .*\(found: dev\/data\)$/,
  ],
  ['no stack', {}, undefined, /\(found: no stack at all\)$/],
  [
    'two fleets in one environment',
    { stages: { dev: { a: FLEET, b: FLEET } } },
    undefined,
    /the environment `dev` of \S+ has 2 fleets \(dev\/a\/Group, dev\/b\/Group\): give each environment a `Stage` of its own$/,
  ],
])('fails if there is %s', (_, written, name, message) => {
  expect(() => chooseTemplates(writeAssembly(written), name)).toThrow(message);
});

test('fails if the directory holds no assembly, and says what makes one', () => {
  expect(() => new Assembly('/does/not/exist')).toThrow(
    '/does/not/exist holds no cloud assembly (no manifest.json): run `cdk synth` first',
  );
});

test('fails if a template is broken', () => {
  const directory = temporaryFolder('assembly');
  writeFileSync(join(directory, 'manifest.json'), '{');

  expect(() => new Assembly(directory)).toThrow(`${join(directory, 'manifest.json')} cannot be read`);
});
