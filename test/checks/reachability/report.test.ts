import type { AssemblyEnvironment, TemplateResource } from '../../../assembly/assembly';
import {
  reachabilityFindings,
  reachabilityReports,
  reachabilitySvg,
  whoCanTable,
} from '../../../lib/checks/reachability';
import { type Change, foreignApp, from, group, tcp } from './foreign-app';

/** Something of every kind: open, closed and unknown, and who is let in by addresses and by a group of somebody else. */
const mixed: Change = ({ net, app }) => {
  app.CacheGroup.Properties.SecurityGroupIngress.push(
    tcp(6_379, from('BastionGroup')),
    tcp(6_379, { CidrIp: '10.0.0.0/16' }),
    tcp(6_379, { SourceSecurityGroupId: 'sg-1' }),
  );
  app.ServiceToDatabase.Condition = 'Sometimes';
  delete net.ToNat;
};

const reportOf = (...changes: Change[]) => reachabilityReports([foreignApp(...changes)]);

describe('the table', () => {
  test('of an app that is as it should be', () => {
    expect(whoCanTable(reportOf())).toBe(
      [
        '| who          | role     | reaches             | state | by |',
        '| ------------ | -------- | ------------------- | ----- | --- |',
        '| app/Function | consumer | app/Cache:6379      | can   | app/CacheGroup lets in app/FunctionGroup |',
        '| app/Service  | consumer | app/Database:5432   | can   | app/DatabaseGroup lets in app/ServiceGroup |',
        '| app/Service  | consumer | Secrets Manager:443 | can   | the NAT gateway net/Nat |',
        '',
        '1 other with security groups can reach none of them.',
      ].join('\n'),
    );
  });

  test('of one with something of every kind', () => {
    const rows = whoCanTable(reportOf(mixed))
      .split('\n')
      .slice(2)
      .map((line) => line.replace(/ +\|/g, ' |'));

    expect(rows).toEqual([
      '| app/Function | consumer | app/Cache:6379 | can | app/CacheGroup lets in app/FunctionGroup, app/CacheGroup lets in 10.0.0.0/16 |',
      '| app/Service | other | app/Cache:6379 | can | app/CacheGroup lets in 10.0.0.0/16 |',
      '| app/Bastion | other | app/Cache:6379 | can | app/CacheGroup lets in app/BastionGroup, app/CacheGroup lets in 10.0.0.0/16 |',
      '| any address of 10.0.0.0/16 | outside | app/Cache:6379 | can | a rule of app/CacheGroup |',
      '| whoever has the security group sg-1 | outside | app/Cache:6379 | not known | a rule of app/CacheGroup |',
      '| app/Service | consumer | app/Database:5432 | not known | what app/ServiceToDatabase lets through is known to a deploy only |',
      '| app/Service | consumer | Secrets Manager:443 | cannot | net/AppTable of net/App1 has no route to a NAT gateway or an internet gateway, and net/Vpc has no endpoint of Secrets Manager |',
    ]);
  });

  test('of a cache that nobody refers to has those who can, or else all', () => {
    const unreferred: Change = ({ app }) => {
      delete app.Function.Properties.Environment;
    };
    const closed: Change = ({ app }) => {
      app.CacheGroup.Properties.SecurityGroupIngress = [];
    };
    const rows = (...changes: Change[]) =>
      whoCanTable(reportOf(...changes))
        .split('\n')
        .filter((line) => line.includes(' app/Cache:6379 '))
        .map((line) =>
          line
            .split(/ *\| */)
            .slice(1, 5)
            .join(' '),
        );

    expect(rows(unreferred)).toEqual(['app/Function candidate app/Cache:6379 can']);
    expect(rows(unreferred, closed)).toEqual([
      'app/Function candidate app/Cache:6379 cannot',
      'app/Service candidate app/Cache:6379 cannot',
      'app/Bastion candidate app/Cache:6379 cannot',
    ]);
  });

  test('is one of Markdown, whatever the names are', () => {
    const odd: Change = ({ app }) => {
      app['a|b<script>\n\\c'] = app.Function;
      delete app.Function;
    };
    const lines = whoCanTable(reportOf(odd)).split('\n');

    expect(lines[2]).toContain('| app/a\\|b&lt;script> \\\\c |');
    expect(new Set(lines.slice(0, 5).map((line) => line.replaceAll('\\|', '').split('|').length))).toEqual(
      new Set([7]),
    );
  });

  test('of several environments has the names of all', () => {
    const [report] = reportOf() as [ReturnType<typeof reportOf>[number]];
    const table = whoCanTable([report, { ...report, environment: 'second' }]);

    expect(table.startsWith('foreign:\n\n| who')).toBe(true);
    expect(table).toContain('\n\nsecond:\n\n| who');
  });
});

describe('the drawing', () => {
  const svg = reachabilitySvg(reportOf(mixed));
  const boxes = [...svg.matchAll(/<rect class="box" x="(\d+)" y="([\d.]+)" width="(\d+)" height="(\d+)"/g)].map(
    ([, ...numbers]) => numbers.map(Number) as [number, number, number, number],
  );

  test('has a box for each, and none overlap', () => {
    expect(boxes).toHaveLength(8);
    for (const [index, [x, y, width, height]] of boxes.entries()) {
      for (const [left, top, wide, high] of boxes.slice(index + 1)) {
        expect(x + width <= left || left + wide <= x || y + height <= top || top + high <= y).toBe(true);
      }
    }
  });

  test('lies within its own size', () => {
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) as unknown as [string, string, string];

    expect(width).toBe('960');
    expect(Math.max(...boxes.map(([, y, , high]) => y + high))).toBeLessThan(Number(height) - 40);
    expect(Math.max(...boxes.map(([x, , wide]) => x + wide))).toBeLessThan(960);
  });

  test('has a line of its state for each row, with the reason', () => {
    const lines = [...svg.matchAll(/<path class="line (\w+)" d="M[^"]+C[^"]+"><title>([^<]+)</g)];

    expect(lines.map(([, state]) => state)).toEqual(['open', 'open', 'open', 'open', 'unknown', 'unknown', 'closed']);
    expect(lines.at(-1)?.[2]).toBe(
      'app/Service → Secrets Manager:443 cannot reach it: net/AppTable of net/App1 has no route to a NAT gateway or an internet gateway, and net/Vpc has no endpoint of Secrets Manager',
    );
  });

  test('no two lines end at the same point', () => {
    const ends = [...svg.matchAll(/ d="M(\d+) ([\d.]+)H\d+C[^"]* (\d+) ([\d.]+)"/g)];

    expect(ends).toHaveLength(7);
    for (const [x, y] of [
      [1, 2],
      [3, 4],
    ] as const) {
      expect(new Set(ends.map((match) => `${match[x]} ${match[y]}`)).size).toBe(7);
    }
  });

  test('is closed in itself: no scripts, nothing from elsewhere, and names are texts', () => {
    const odd: Change = ({ app }) => {
      app['</text><script>alert(1)</script>&"\u0007'] = app.Function;
    };
    const text = reachabilitySvg(reportOf(odd));

    expect(text).not.toMatch(/<script|href|url\(|@import/);
    expect(text).not.toContain('\u0007');
    expect(text).toContain('&lt;/text&gt;&lt;script&gt;');
    expect(text.match(/<[a-z]+/g)?.length).toBe(text.match(/<\/[a-z]+|\/>/g)?.length);
  });

  test('of several environments has all below each other', () => {
    const [report] = reportOf(mixed) as [ReturnType<typeof reportOf>[number]];
    const two = reachabilitySvg([report, { ...report, environment: 'second' }]);

    expect(two).toContain('Who can reach what: second');
    expect(two.match(/class="box"/g)).toHaveLength(16);
  });
});

describe('an assembly of 500 resources', () => {
  /** Forty caches and 130 functions, each with a group of its own. */
  function large(): AssemblyEnvironment {
    const { name, stacks } = foreignApp(({ app }) => {
      const [caches, functions] = [40, 130];
      for (let index = 0; index < caches; index += 1) {
        app[`CacheGroup${index}`] = structuredClone(app.DatabaseGroup);
        app[`Cache${index}`] = structuredClone(app.Cache);
        app[`Cache${index}`].Properties.SecurityGroupIds = [group(`CacheGroup${index}`)];
      }
      for (let index = 0; index < functions; index += 1) {
        app[`Group${index}`] = structuredClone(app.FunctionGroup);
        app[`Function${index}`] = structuredClone(app.Function);
        const { Properties: properties } = app[`Function${index}`];
        properties.VpcConfig.SecurityGroupIds = [group(`Group${index}`)];
        properties.Environment.Variables = {
          HOST: { 'Fn::GetAtt': [`Cache${index % caches}`, 'PrimaryEndPoint.Address'] },
        };
        app[`Rule${index}`] = {
          Type: 'AWS::EC2::SecurityGroupIngress',
          Properties: { GroupId: group(`CacheGroup${index % caches}`), ...tcp(6_379, from(`Group${index}`)) },
        };
      }
    });
    return { name, stacks };
  }

  test('is judged in a second', () => {
    const environment = large();
    const resources = environment.stacks.flatMap((stack): TemplateResource[] => Object.values(stack.resources));
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      expect(reachabilityFindings([environment])).toEqual([]);
      return performance.now() - start;
    });

    expect(resources.length).toBeGreaterThanOrEqual(500);
    expect(times.sort((one, other) => one - other)[1]).toBeLessThan(1_000);
  });
});
