import { ASSETS, Deployment } from './deploy/deployment';
import { checkEnvironment } from './deploy/environment-checks';
import { differences } from './deploy/expected';
import { ALL_KINDS, takeInventory, without } from './deploy/inventory';
import { ec2Rules, templateRule } from './deploy/rules';

const ENVIRONMENTS = ['dev', 'prod'];

/** Types that no service of moto's keeps: they are noted with their properties, and can be referred to. */
const NOTED_ONLY = {
  'AWS::AutoScaling::LifecycleHook': 'not in moto’s CloudFormation',
  'AWS::AutoScaling::ScalingPolicy': 'not in moto’s CloudFormation',
  'AWS::Budgets::Budget': 'not in moto’s CloudFormation',
  'AWS::CDK::Metadata': 'makes nothing on AWS either',
  'AWS::CloudWatch::Alarm': 'not in moto’s CloudFormation',
  'AWS::ElastiCache::CacheCluster': 'not in moto’s CloudFormation',
  'AWS::ElastiCache::ParameterGroup': 'not in moto',
  'AWS::ElastiCache::ReplicationGroup': 'not in moto’s CloudFormation',
  'AWS::ElastiCache::SubnetGroup': 'not in moto’s CloudFormation',
  'AWS::ElastiCache::User': 'not in moto’s CloudFormation',
  'AWS::ElastiCache::UserGroup': 'not in moto',
  'AWS::S3::BucketPolicy': 'not in moto’s CloudFormation',
  'AWS::SNS::Subscription': 'not in moto’s CloudFormation',
  'AWS::SNS::TopicPolicy': 'not in moto’s CloudFormation',
  'Custom::Trigger': 'moto needs Docker to run its function: the deploy step does not run',
  'Custom::VpcRestrictDefaultSG': 'moto needs Docker to run its function: default security groups keep their rules',
};

/** What of dev is meant to stay: a name by kind. */
const KEPT_OF_DEV = {
  // A bucket that holds logs could not be deleted, and they are for the time after.
  buckets: /^cdk-elasticache-dev-\w*accesslogs/,
};

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.start();
});

afterAll(() => deployment?.close());

describe('dev and prod, deployed by the CDK CLI to moto', () => {
  test('every stack is complete, and was made after those that it needs', () => {
    for (const name of ENVIRONMENTS) {
      const { network, data, service } = deployment.of(name);
      const described = [network, data, service].map(({ description }) => description);
      const times = described.map(({ CreationTime }) => Date.parse(CreationTime));

      expect(described.map(({ StackStatus }) => StackStatus)).toEqual(Array(3).fill('CREATE_COMPLETE'));
      expect(times[0]).toBeLessThan(times[1] as number);
      expect(times[1]).toBeLessThan(times[2] as number);
    }
  });

  test('no resource was left out, and those that are noted only are of the listed types', () => {
    const { all, record } = deployment;
    const notedOnly = all.flatMap(({ name }) => record.made(name).filter((resource) => resource.notedOnly));

    expect(record.skippedTypes).toEqual([]);
    for (const { name, template } of all) {
      const made = record.made(name).map(({ id }) => id);
      expect(made.sort()).toEqual(Object.keys(template.Resources).sort());
    }
    expect([...new Set(notedOnly.map(({ type }) => type))].sort()).toEqual(Object.keys(NOTED_ONLY));
  });

  test('every property of every resource arrived as the template has it, references resolved to what was made', () => {
    const found = deployment.all.flatMap((stack) =>
      deployment.record.made(stack.name).flatMap(({ id, properties }) => {
        const wanted = stack.expected(stack.template.Resources[id].Properties ?? {});
        return differences(wanted, properties, `${stack.name} ${id}`);
      }),
    );

    expect(found).toEqual([]);
  });

  test('nothing that arrived holds an unresolved reference, a dynamic one or a password', async () => {
    const { Functions } = await deployment.aws.call('lambda', 'list_functions');
    const scripts = await Promise.all(ENVIRONMENTS.map((name) => deployment.userData(name)));

    const texts = deployment.all.flatMap(({ name, parameters, outputs }) => [
      JSON.stringify({ name, parameters, outputs }),
      ...deployment.record.made(name).map((resource) => JSON.stringify(resource)),
    ]);
    texts.push(...Functions.map((one: unknown) => JSON.stringify(one)), ...scripts);

    // `${aws:InstanceId}` is for the log agent to replace.
    const unresolved = /Fn::|"Ref"|\$\{(?!aws:)|AWS::(AccountId|Region|StackId|Partition|NoValue)|<moto|object at 0x/;
    const secret = /\{\{resolve:|SecretString|"MasterUserPassword"|"AuthToken"|"Passwords"|AKIA|PRIVATE KEY/;
    expect(texts.length).toBeGreaterThan(200);
    expect(texts.filter((text) => unresolved.test(text))).toEqual([]);
    expect(texts.filter((text) => secret.test(text))).toEqual([]);
  });

  test('every asset lies in the bootstrap bucket under its hash', async () => {
    const { Contents } = await deployment.aws.call('s3', 'list_objects_v2', { Bucket: ASSETS });
    const objects = Contents.map(({ Key }: any) => Key);

    expect(new Set(deployment.assetKeys).size).toBeGreaterThanOrEqual(9);
    expect(objects).toEqual(expect.arrayContaining(deployment.assetKeys));
    expect(deployment.assetKeys.filter((key) => !/^[0-9a-f]{64}\.(zip|json)$/.test(key))).toEqual([]);
  });

  test('every security group in EC2 has the rules of the templates and no other, those between stacks too', async () => {
    const groups = deployment.wanted('AWS::EC2::SecurityGroup');
    const wanted = [
      ...groups.flatMap(({ name, properties: { SecurityGroupIngress = [], SecurityGroupEgress = [] } }) => [
        ...SecurityGroupIngress.map((rule: any) => templateRule('in', name, rule)),
        ...SecurityGroupEgress.map((rule: any) => templateRule('out', name, rule)),
      ]),
      ...deployment
        .wanted('AWS::EC2::SecurityGroupIngress')
        .map(({ properties }) => templateRule('in', properties.GroupId, properties)),
      ...deployment
        .wanted('AWS::EC2::SecurityGroupEgress')
        .map(({ properties }) => templateRule('out', properties.GroupId, properties)),
    ];

    const actual = await deployment.securityGroups(...groups.map(({ name }) => name));

    expect(actual.flatMap(ec2Rules).sort()).toEqual(wanted.sort());
    expect(wanted.length).toBeGreaterThan(20);
  });

  test('every role in IAM has the statements of the templates', async () => {
    const policies = deployment.wanted('AWS::IAM::Policy').flatMap(({ properties }) =>
      properties.Roles.map(async (role: string) => {
        const { PolicyName, PolicyDocument } = properties;
        const actual = await deployment.aws.call('iam', 'get_role_policy', { RoleName: role, PolicyName });
        return differences(PolicyDocument, actual.PolicyDocument, `${role} ${PolicyName}`);
      }),
    );

    expect(policies.length).toBeGreaterThanOrEqual(8);
    expect((await Promise.all(policies)).flat()).toEqual([]);
  });
});

describe.each(ENVIRONMENTS)('%s', (name) => checkEnvironment(name, () => deployment));

describe('protection', () => {
  test('CloudFormation has the termination protection of prod on record, and none of dev; moto enforces neither', () => {
    const onRecord = deployment.all.map(({ name, description }) => [name, description.EnableTerminationProtection]);

    expect(onRecord).toEqual(deployment.all.map(({ name }) => [name, name.includes('-prod-')]));
  });

  test('RDS refuses to delete the database of prod', async () => {
    const { name } = deployment.of('prod').data.only('AWS::RDS::DBInstance');
    const parameters = { DBInstanceIdentifier: name, SkipFinalSnapshot: true };

    await expect(deployment.aws.call('rds', 'delete_db_instance', parameters)).rejects.toThrow(
      'Cannot delete protected DB Instance',
    );
  });
});

describe('dev afterwards', () => {
  test('has nothing to change in a second deploy', async () => {
    const output = await deployment.deployEnvironment('dev');

    for (const part of ['network', 'data', 'service']) {
      expect(output).toContain(`dev/${part} (cdk-elasticache-dev-${part}) (no changes)`);
    }
  });

  test('leaves nothing that moto lists when it is destroyed, but for what is kept on purpose and interfaces that moto keeps, and prod is untouched', async () => {
    const { withoutDev, withDev } = deployment.inventories;
    const made = without(withDev, withoutDev);
    const { LaunchTemplateData } = deployment.of('dev').service.only('AWS::EC2::LaunchTemplate').properties;
    // moto keeps the interfaces of instances that are gone, whatever the template says of them.
    const keptByMoto = ['network interfaces'];

    await deployment.cdk.command('destroy', 'dev/*', '--force');

    const now = await takeInventory(deployment.aws);
    const left = Object.entries(without(now, withoutDev)).filter(([kind]) => !keptByMoto.includes(kind));
    const kept = Object.entries(KEPT_OF_DEV).map(([kind, bucket]) => [kind, [expect.stringMatching(bucket)]]);
    expect(LaunchTemplateData.BlockDeviceMappings[0].Ebs.DeleteOnTermination).toBe(true);
    expect(LaunchTemplateData.NetworkInterfaces[0].DeleteOnTermination).toBe(true);
    // Every kind was seen, so none is missed because it is never listed.
    expect(Object.keys(made).sort()).toEqual(ALL_KINDS);
    expect(Object.fromEntries(left)).toEqual(Object.fromEntries(kept));
    expect(without(withoutDev, now)).toEqual({});
  });

  test('was deleted resource by resource, those that are noted only too', () => {
    const { network, data, service } = deployment.of('dev');
    for (const { name, template } of [network, data, service]) {
      const resources = Object.entries<any>(template.Resources);
      const disposable = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain').map(([id]) => id);

      expect(deployment.record.deleted(name).sort()).toEqual(disposable.sort());
    }
  });
});
