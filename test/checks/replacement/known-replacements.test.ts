import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStateful, replacingProperties } from '../../../lib/checks/replacement/property-rules';
import { PROJECT } from '../../engines/folders';

test('the table is what the specification of this installation says', () => {
  const written = readFileSync(join(PROJECT, 'lib', 'checks', 'replacement', 'known-replacements.ts'), 'utf8');
  const generated = execFileSync('node', [join(PROJECT, 'bin', 'generate-replacements.mjs'), '--print'], {
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  });

  // If that is meant: node bin/generate-replacements.mjs
  expect(generated === written).toBe(true);
  expect(generated).toMatch(/'@aws-cdk\/aws-service-spec \d+\.\d+\.\d+'/);
});

test('it is read by type, with services of two names and without', () => {
  expect(replacingProperties('AWS::ElastiCache::SubnetGroup')).toEqual(['CacheSubnetGroupName']);
  expect(replacingProperties('AWS::FSx::FileSystem')).toContain('WindowsConfiguration.DeploymentType');
  expect(replacingProperties('AWS::RDS::DBInstance')).toContain('MultiAZ');
  expect(replacingProperties('AWS::No::Type')).toEqual([]);
});

test('what holds data or decides about access is stateful, and nothing else of ElastiCache', () => {
  const types = [
    'CacheCluster',
    'ReplicationGroup',
    'ServerlessCache',
    'User',
    'UserGroup',
    'ParameterGroup',
    'SubnetGroup',
    'GlobalReplicationGroup',
  ];

  expect(types.filter((type) => isStateful(`AWS::ElastiCache::${type}`))).toEqual(types.slice(0, 5));
  expect(isStateful('AWS::KMS::Key')).toBe(true);
  expect(isStateful('AWS::EC2::SecurityGroup')).toBe(false);
});
