import { XMLValidator } from 'fast-xml-parser';
import type { DrillResult } from '../../drill/report/drill-result';
import { ReportBundle } from '../drill/report-bundle';
import { failover, failure, nothing, request } from '../drill/report-results';

const HOSTILE = `"><script>alert('1')</script>&amp; d="1.2345"`;

const HOSTILE_DRILL = failover({
  drill: HOSTILE,
  title: HOSTILE,
  environment: HOSTILE,
  where: HOSTILE,
  startedAt: HOSTILE,
  marks: [{ atMs: 0, kind: 'fault', label: HOSTILE }],
  verdicts: [{ name: HOSTILE, wanted: HOSTILE, got: HOSTILE, passed: false }],
  notes: [HOSTILE],
});

const ALL_FAILED = nothing({ title: 'All failed', samples: [0, 500, 1_000, 1_500].map((atMs) => failure(atMs)) });

const NOT_NUMBERS = failover({
  title: 'No numbers',
  durationMs: Number.NaN,
  ratePerSecond: Number.NaN,
  marks: [{ atMs: Number.NaN, kind: 'fault', label: 'some time' }],
  samples: [
    request(Number.NaN),
    request(0, { ms: Number.NaN, cacheMs: Number.POSITIVE_INFINITY }),
    request(1, { ms: 0 }),
  ],
});

const DRILLS = [failover(), nothing(), ALL_FAILED, NOT_NUMBERS, HOSTILE_DRILL];

let report: ReportBundle;
let page: string;

beforeAll(() => {
  report = new ReportBundle();
  page = report.page(DRILLS);
});

afterAll(() => report.close());

/** The rows of the tables of a class, each cell as its text. */
function rows(html: string, name: string): string[][] {
  return [...html.matchAll(new RegExp(`<table class="${name}">(.*?)</table>`, 'gs'))].flatMap(([, table]) =>
    [...(table ?? '').matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
      [...(row ?? '').matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => textOf(cell ?? '')),
    ),
  );
}

function textOf(markup: string): string {
  const text = markup.replace(/<[^>]*>/g, '');
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function section(index: number): string {
  return page.split('<section id="drill-')[index + 1] ?? '';
}

test('begins with how each drill went', () => {
  expect(page).toMatch(/^<!doctype html><html lang="en"><head><meta charset="utf-8"\/>/);
  expect(page).toContain('<title>Failover drills: 0 of 5 passed</title>');
  expect(page).toContain('<h1>Failover drills: 0 of 5 passed</h1>');
  expect(page).toContain('<time datetime="2026-03-02T10:00:00.123Z">2026-03-02 10:00:00 UTC</time>');
  expect(page).toContain('<p>Sentinel on loopback: Valkey 8.0.2, memcached 1.6.18</p>');
  expect(rows(page, 'overview')).toEqual([
    ['Drill', 'Outcome', 'Worst figure'],
    ['The primary is killed', '✗ failed', 'sessions kept: 118 of 120, wanted all of them'],
    ['Nobody came', '– not judged', 'no request was made'],
    ['All failed', '– not judged', '4 failed (100 %)'],
    ['No numbers', '✗ failed', 'sessions kept: 118 of 120, wanted all of them'],
    [HOSTILE, '✗ failed', `${HOSTILE}: ${HOSTILE}, wanted ${HOSTILE}`],
  ]);
  expect(page).toContain('<a href="#drill-1">The primary is killed</a>');
});

test('tells of a drill what was judged, and its figures from mark to mark', () => {
  const drill = section(0);

  expect(drill).toContain(
    '<p>5 requests a second for 2.0 s: 10 requests, 2 failed (20 %), p50 4 ms, p99 40 ms, hit ratio 50 %. ' +
      'Recovered 800 ms after the fault.</p>',
  );
  expect(rows(drill, 'verdicts')).toEqual([
    ['What', 'Outcome', 'Wanted', 'Got'],
    ['reads answered', '✓ passed', '≥ 99.9 %', '100 % (6 of 6)'],
    ['sessions kept', '✗ failed', 'all of them', '118 of 120'],
  ]);
  expect(drill).toContain('<li>replication is asynchronous</li>');
  expect(rows(drill, 'phases').slice(1)).toEqual([
    ['0.0 s the load began', '3', '0', '4 ms', '20 ms', '1 ms', '15 ms', '50 %'],
    ['0.6 s fault: SIGKILL to Sessions-001', '2', '1', '30 ms', '30 ms', '–', '22 ms', '0 %'],
    ['1.0 s promotion: Sessions-002 is primary', '2', '1', '40 ms', '40 ms', '1 ms', '25 ms', '0 %'],
    ['1.4 s recovered: all is answered', '3', '0', '4 ms', '9 ms', '1 ms', '5 ms', '100 %'],
  ]);
});

test('tells in numbers what the charts show', () => {
  expect(rows(section(0), 'timeline')).toEqual([
    ['From', 'Requests', 'Failed', 'p50', 'p99', 'Caches, p99', 'Database, p99', 'Hit ratio'],
    ['0.0 s', '5', '1', '4 ms', '30 ms', '1 ms', '22 ms', '33.33 %'],
    ['1.0 s', '5', '1', '4 ms', '40 ms', '1 ms', '25 ms', '66.66 %'],
  ]);
  expect(rows(section(0), 'actions').map(([action, requests]) => [action, requests])).toEqual([
    ['Action', 'Requests'],
    ['browse', '6'],
    ['account', '2'],
    ['sign-in', '1'],
    ['review', '1'],
  ]);
});

test('draws each drill for a wide and for a narrow page, in words for those who do not see it', () => {
  const charts = [...page.matchAll(/<svg class="chart (wide|narrow)" role="img" aria-labelledby="(\S+) (\S+)"/g)];
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);

  expect(charts.map(([, size]) => size)).toEqual(DRILLS.flatMap(() => ['wide', 'narrow']));
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, , title, description] of charts) {
    expect(ids).toEqual(expect.arrayContaining([title, description]));
  }
  expect(page).toContain('<title id="drill-1-wide-title">Timeline: The primary is killed</title>');
  expect(page).toContain('0.6 s fault: SIGKILL to Sessions-001. 1.0 s promotion: Sessions-002 is primary.');
});

test('neither loads nor runs anything', () => {
  expect(page).toContain(
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>`,
  );
  expect(page).not.toMatch(/https?:|url\(|@import|<(script|link|img|image|iframe|object|embed|use)\b| src=| on\w+="/);
});

test('escapes whatever a drill tells', () => {
  expect(page).toContain('&lt;script>alert');
  expect(rows(section(4), 'verdicts').at(-1)).toEqual([HOSTILE, '✗ failed', HOSTILE, HOSTILE]);
  expect(textOf(section(4))).toContain(`0.0 s fault: ${HOSTILE}.`);
  expect(XMLValidator.validate(page.replace('<!doctype html>', ''))).toBe(true);
});

test('has a dark side, and is light on paper', () => {
  expect(page).toContain('@media screen and (prefers-color-scheme:dark)');
  expect(page).toContain('@media print');
});

test('no figure is without a value', () => {
  expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  expect(section(1)).toContain('<p>Nothing was judged.</p>');
});

test('is a page without any drill', () => {
  const empty = report.page([]);

  expect(empty).toContain('<h1>Failover drills: no drill was run</h1>');
  expect(empty).not.toMatch(/<table|<section|NaN|undefined/);
});

test('the timeline is a document of its own that tells its marks and where it is from', () => {
  const svg = report.timeline(failover());
  const texts = [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(([, text]) => text);

  expect(XMLValidator.validate(svg)).toBe(true);
  expect(svg).toMatch(
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" role="img" aria-labelledby="\S+ \S+" viewBox="0 0 /,
  );
  expect(svg).toContain('<title id="timeline-title">Timeline: The primary is killed</title>');
  expect(texts).toEqual(
    expect.arrayContaining([
      'The primary is killed',
      'Recovered 800 ms after the fault.',
      'Sentinel on loopback: Valkey 8.0.2, memcached 1.6.18',
      '0.6 s fault: SIGKILL to Sessions-001',
      '1.0 s promotion: Sessions-002 is primary',
      '1.4 s recovered: all is answered',
      'slowest failure',
      'seconds since the load began',
    ]),
  );
  expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/NaN|undefined|Infinity|https?:/);
});

test('each mark is a rule through all three charts', () => {
  const svg = report.timeline(failover());

  // Its upper end beside the label, then one in each chart.
  expect(svg.split('stroke="#7b2d8b"')).toHaveLength(1 + 4);
});

test('the same result is the same drawing', () => {
  expect(report.timeline(failover())).toBe(report.timeline(failover()));
});

test.each<[string, DrillResult]>([
  ['nothing', nothing()],
  ['only failures', ALL_FAILED],
  ['no numbers', NOT_NUMBERS],
  ['hostile words', HOSTILE_DRILL],
])('a timeline of %s is drawn', (_, result) => {
  const svg = report.timeline(result);

  expect(XMLValidator.validate(svg)).toBe(true);
  expect(svg).not.toMatch(/NaN|undefined|Infinity|<script/);
});

test('latencies of a wide range are on a logarithmic scale, others are not', () => {
  const wide = report.timeline(failover());
  const even = report.timeline(failover({ samples: [request(0), request(500, { ms: 8 })] }));

  expect(wide).toContain('>10 ms<');
  expect(wide).toContain('>1 s<');
  expect(even).toContain('>0 ms<');
});
