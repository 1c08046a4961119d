import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { PROJECT } from '../../engines/folders';
import { healthyDev, healthyProduction } from '../../ops/fake-aws/environments';
import { FakeAws } from '../../ops/fake-aws/fake-aws';
import { planted } from '../../ops/fake-aws/planted-defects';
import { inTerminal } from './in-terminal';
import { recording } from './recording';

const SIZE = { columns: 150, rows: 48 };
const PICTURE = join(PROJECT, 'docs', 'images', 'operations.svg');

let aws: FakeAws;

afterEach(() => aws?.close());

const at = () => ['--endpoint-url', aws.address];

const longest = (output: string) =>
  Math.max(
    ...stripVTControlCharacters(output)
      .split(/\r?\n/)
      .map((line) => line.length),
  );

test.each([70, 90, 110, 150])(
  'in a terminal of %i columns it has colours, and is no wider than that',
  async (columns) => {
    aws = await FakeAws.start(planted(healthyProduction(new Date())));

    const { status, output } = await inTerminal(['status', 'prod', ...at()], { columns, rows: 50 });

    expect(status).toBe(0);
    expect(output).toContain('\u001b[31m2 of 3 serve');
    expect(longest(output.split('alarms raised')[0] as string)).toBeLessThanOrEqual(columns);
    expect(output).toContain('prod-sessions-0001-001');
  },
);

test('NO_COLOR is heeded', async () => {
  aws = await FakeAws.start(planted(healthyProduction(new Date())));

  const { output } = await inTerminal(['status', 'prod', ...at()], SIZE, [], { NO_COLOR: '1' });

  expect(stripVTControlCharacters(output)).toBe(output);
});

test('--watch shows it anew, until Ctrl-C', async () => {
  aws = await FakeAws.start(healthyDev(new Date()));
  setTimeout(() => {
    Object.assign(aws.state.autoScalingGroups[0] ?? {}, { DesiredCapacity: 3 });
  }, 2_000);

  const { status, output } = await inTerminal(['status', 'dev', '--watch', ...at()], SIZE, [
    ['2 of 3 serve', '\u0003'],
  ]);

  expect(output).toContain('2 of 2 serve');
  expect(output).toContain('2 of 3 serve');
  expect(status).toBe(0);
});

test.each([
  ['another name and does nothing', 'staging\r', 2, 'nothing was done'],
  // The fake's own address has no page for users.
  ['its name and begins', 'prod\r', 1, '/ was answered 4'],
])('a protected environment asks for its name: takes %s', async (_, typed, code, message) => {
  aws = await FakeAws.start(healthyProduction(new Date()));

  const { status, output } = await inTerminal(
    ['drill', 'failover', 'prod', '--url', aws.address, '--path', '/', '--seconds', '1', ...at()],
    SIZE,
    [['Its name says yes: ', typed]],
  );

  expect(output).toContain('prod is protected. Its name says yes:');
  expect(output).toContain(message);
  expect(output).not.toContain('at async');
  expect(aws.calls.filter(({ action }) => action === 'elasticache:TestFailover')).toEqual([]);
  expect(status).toBe(code);
});

test('the recording shows what the commands say', async () => {
  aws = await FakeAws.start(planted(healthyProduction(new Date())));
  const drill = ['drill', 'failover', 'prod', '--url', 'https://films.example.com'];
  const [status, doctor, failover] = [
    await inTerminal(['status', 'prod', ...at()], SIZE),
    await inTerminal(['doctor', 'prod', ...at()], SIZE),
    await (async () => {
      aws.state = healthyProduction(new Date());
      return inTerminal([...drill, ...at()], SIZE, [['Its name says yes: ', 'staging\r']]);
    })(),
  ] as const;

  const picture = await recording(
    [
      { typed: 'cdk-elasticache status prod', output: status.output },
      { typed: 'cdk-elasticache doctor prod', output: doctor.output },
      { typed: `cdk-elasticache ${drill.slice(0, 3).join(' ')}`, output: failover.output },
    ],
    SIZE,
  );

  if (process.env.UPDATE_DOCS === '1') {
    writeFileSync(PICTURE, picture);
  }
  expect(timeless(picture)).toBe(timeless(readFileSync(PICTURE, 'utf8')));
});

function timeless(text: string): string {
  return text.replace(/2\d{3}-\d\d-\d\d(T[\d:.]+Z)?/g, '<time>');
}
