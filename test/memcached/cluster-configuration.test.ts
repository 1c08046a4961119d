import { parseClusterConfiguration } from '../../runtime/memcached/cluster-configuration';

const answer = (content: string) => `CONFIG cluster 0 ${content.length}\r\n${content}\r\nEND\r\n`;

test('reads version and nodes', () => {
  const configuration = parseClusterConfiguration(
    answer(
      '12\nweb.0001.use1.cache.amazonaws.com|10.82.235.120|11211 web.0002.use1.cache.amazonaws.com|10.80.249.27|11212\n',
    ),
  );

  expect(configuration).toEqual({
    version: 12,
    nodes: [
      { host: 'web.0001.use1.cache.amazonaws.com', ip: '10.82.235.120', port: 11211 },
      { host: 'web.0002.use1.cache.amazonaws.com', ip: '10.80.249.27', port: 11212 },
    ],
  });
});

test.each([
  ['an empty address', 'a.example||11211', [{ host: 'a.example', port: 11211 }]],
  ['IPv6', 'a.example|2001:db8::1|11211', [{ host: 'a.example', ip: '2001:db8::1', port: 11211 }]],
  ['a node known by its address', '|10.0.0.1|11211', [{ host: '10.0.0.1', ip: '10.0.0.1', port: 11211 }]],
  ['a node that is named twice', 'a|10.0.0.1|1 a|10.0.0.2|1', [{ host: 'a', ip: '10.0.0.2', port: 1 }]],
  [
    'several spaces',
    ' a|10.0.0.1|1   b|10.0.0.2|2 ',
    [
      { host: 'a', ip: '10.0.0.1', port: 1 },
      { host: 'b', ip: '10.0.0.2', port: 2 },
    ],
  ],
])('reads %s', (_, nodes, expected) => {
  expect(parseClusterConfiguration(answer(`1\n${nodes}\n`))?.nodes).toEqual(expected);
});

test('waits for the rest, wherever it is cut', () => {
  const whole = answer('1\na|10.0.0.1|1\n');

  const results = Array.from({ length: whole.length }, (_, length) =>
    parseClusterConfiguration(whole.slice(0, length)),
  );

  expect(results.every((result) => result === undefined)).toBe(true);
  expect(parseClusterConfiguration(whole)).toBeDefined();
});

test.each([
  'ERROR\r\n',
  'CLIENT_ERROR x\r\n',
  'END\r\n',
  'HTTP/1.1 400 Bad Request',
  'CONFIG cluster 0 999999999\r\n',
  'CONFIG cluster 0 3\r\n1\na|b|1\n\r\nEND\r\n',
  answer('x\na|10.0.0.1|1\n'),
  answer('1\n'),
  answer('1\n\n'),
  answer('1\na|10.0.0.1|0\n'),
  answer('1\na|10.0.0.1|65536\n'),
  answer('1\na|10.0.0.1\n'),
  answer('1\n||11211\n'),
  answer('1\na|b|1|2\n'),
  answer('1\na|10.0.0.1|1x\n'),
  'x'.repeat(70_000),
])('fails with PROTOCOL at %j', (text) => {
  expect(() => parseClusterConfiguration(text)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
});
