import { differences } from './differences';
import { golden, synthesized, type Templates } from './templates';

test('the templates of this tree are those of golden/', () => {
  // What `cdk.out` holds: `npm test` has synthesized it.
  const changes = Object.entries(differences(golden(), synthesized()));

  if (changes.length > 0) {
    throw new Error(
      [
        'a deploy would change what golden/ holds. If that is meant: npm run golden',
        ...changes.map(([stack, words]) => `\nStack ${stack}\n${words}`),
      ].join('\n'),
    );
  }
});

test('every environment is there, in three stacks', () => {
  const parts = ['data', 'network', 'service'];

  expect(Object.keys(golden()).sort()).toEqual(
    ['dev', 'prod', 'staging'].flatMap((environment) => parts.map((part) => `${environment}/${part}`)),
  );
});

describe('a difference', () => {
  const cluster = (properties: object): Templates => ({
    'dev/data': {
      Resources: { Cache: { Type: 'AWS::ElastiCache::CacheCluster', Properties: { Port: 11_211, ...properties } } },
    },
  });
  const before = cluster({ Engine: 'memcached', AutoMinorVersionUpgrade: true });

  test('is told in the words of cdk diff, with what it would replace', () => {
    const updated = differences(before, cluster({ Engine: 'memcached', AutoMinorVersionUpgrade: false }));
    const replaced = differences(before, cluster({ Engine: 'valkey', AutoMinorVersionUpgrade: true }));

    expect(updated['dev/data']).toMatch(/AutoMinorVersionUpgrade\s[\s\S]*true[\s\S]*false/);
    expect(updated['dev/data']).not.toContain('replace');
    expect(replaced['dev/data']).toMatch(/AWS::ElastiCache::CacheCluster Cache replace/);
  });

  test('is a stack that is new or gone, and nothing else', () => {
    expect(differences(before, {})).toEqual({ 'dev/data': 'no such stack any more' });
    expect(differences({}, before)).toEqual({ 'dev/data': 'a new stack' });
    expect(differences(before, cluster({ AutoMinorVersionUpgrade: true, Engine: 'memcached' }))).toEqual({});
  });

  test('is told too where CloudFormation sees none', () => {
    const written = cluster({ Engine: 'memcached', AutoMinorVersionUpgrade: true, Port: '11211' });

    expect(differences(before, written)).toEqual({
      'dev/data': 'the same to CloudFormation, written in another way',
    });
  });
});
