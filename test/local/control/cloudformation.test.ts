import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  paginateDescribeStacks,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CREATED_AT, stack } from './fake-environment';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;
let client: CloudFormationClient;

beforeEach(async () => {
  started = await StartedEndpoint.start();
  client = new CloudFormationClient(started.configuration);
});

afterEach(async () => {
  client.destroy();
  await started.close();
});

test('describes a stack with its tags and outputs, by its name or its ARN', async () => {
  const { Stacks: byName } = await client.send(new DescribeStacksCommand({ StackName: 'films-dev-service' }));
  const { Stacks: byArn } = await client.send(new DescribeStacksCommand({ StackName: byName?.[0]?.StackId }));

  expect(byName).toMatchObject([
    {
      StackName: 'films-dev-service',
      StackStatus: 'CREATE_COMPLETE',
      CreationTime: CREATED_AT,
      EnableTerminationProtection: false,
      Outputs: [{ OutputKey: 'Address', OutputValue: 'http://localhost:8080' }],
      Tags: [
        { Key: 'environment', Value: 'dev' },
        { Key: 'disposable', Value: 'true' },
      ],
    },
  ]);
  expect(byArn).toEqual(byName);
});

test('a stack that was updated says when, and so do its resources', async () => {
  const updatedAt = new Date('2026-03-01T09:00:00.000Z');
  started.environment.stacks.push({ ...stack('films-dev-new'), status: 'UPDATE_COMPLETE', updatedAt });

  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'films-dev-new' }));
  const { StackResourceSummaries: resources } = await client.send(
    new ListStackResourcesCommand({ StackName: 'films-dev-new' }),
  );

  expect(Stacks).toMatchObject([{ StackStatus: 'UPDATE_COMPLETE', LastUpdatedTime: updatedAt }]);
  expect(resources).toMatchObject([
    {
      LogicalResourceId: 'Films',
      PhysicalResourceId: 'films',
      ResourceType: 'AWS::RDS::DBInstance',
      ResourceStatus: 'UPDATE_COMPLETE',
      LastUpdatedTimestamp: updatedAt,
    },
    { LogicalResourceId: 'Sessions' },
  ]);
});

test('pages through stacks and resources by 100', async () => {
  const { stacks } = started.environment;
  const [
    {
      resources: [resource],
    },
  ] = [stack('x')] as any;
  const resources = Array.from({ length: 150 }, (_, index) => ({ ...resource, logicalId: `Cache${1_000 + index}` }));
  stacks.splice(0, stacks.length, ...Array.from({ length: 120 }, (_, index) => stack(`films-${1_000 + index}`)));
  stacks.push({ ...stack('large'), resources });
  const sizes: number[] = [];
  for await (const page of paginateDescribeStacks({ client }, {})) {
    sizes.push(page.Stacks?.length ?? 0);
  }
  const ids: unknown[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: 'large' })) {
    ids.push(...(page.StackResourceSummaries ?? []).map(({ LogicalResourceId }) => LogicalResourceId));
  }

  expect(sizes).toEqual([100, 21]);
  expect(ids).toEqual(resources.map(({ logicalId }) => logicalId));
});

test('gives the template as it was run', async () => {
  const { TemplateBody, StagesAvailable } = await client.send(
    new GetTemplateCommand({ StackName: 'films-dev-data', TemplateStage: 'Original' }),
  );

  expect(TemplateBody).toBe('{\n  "Description": "<&>"\n}\n');
  expect(StagesAvailable).toEqual(['Original']);
});

test.each([
  new DescribeStacksCommand({ StackName: 'nothing' }),
  new ListStackResourcesCommand({ StackName: 'nothing' }),
  new GetTemplateCommand({ StackName: 'nothing' }),
])('a stack that is not there does not exist, in the words that tools look for', async (command) => {
  const error = await refusal(client.send(command as DescribeStacksCommand));

  expect(error.name).toBe('ValidationError');
  expect(error.message).toBe('Stack with id nothing does not exist');
});

test('refuses a template that was processed, and a parameter that nobody reads', async () => {
  const processed = client.send(new GetTemplateCommand({ StackName: 'films-dev-data', TemplateStage: 'Processed' }));
  const changeSet = client.send(new GetTemplateCommand({ StackName: 'films-dev-data', ChangeSetName: 'x' }));

  expect(await refusal(processed)).toMatchObject({
    name: 'ValidationError',
    message: expect.stringMatching(/must be one of Original/),
  });
  expect(await refusal(changeSet)).toMatchObject({
    name: 'ValidationError',
    message: expect.stringMatching(/ChangeSetName is not supported/),
  });
});
