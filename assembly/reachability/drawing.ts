import { type Band, type Box, type Line, layOut, WIDTH } from './drawing-layout';
import type { ReachabilityReport } from './report';
import { type Row, rowsOf } from './rows';

/** Colors of the surface, of texts and of the states, in light and in dark; lines and texts keep 4.5:1 to what they are on. */
const STYLE = `
  svg { color-scheme: light dark; }
  .sheet { fill: #ffffff; } .band { fill: #f3f4f6; } .box { fill: #ffffff; stroke: #9ca3af; }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #111827; }
  .title { font-size: 17px; font-weight: 600; } .note { font-size: 12px; fill: #4b5563; } .head { font-weight: 600; }
  .port { font-size: 12px; font-weight: 600; paint-order: stroke; stroke: #ffffff; stroke-width: 6px; stroke-linejoin: round; }
  .line { fill: none; stroke-width: 2; }
  .line.closed { stroke-dasharray: 8 5; } .line.unknown { stroke-dasharray: 2 5; stroke-linecap: round; }
  .line.open { stroke: #15803d; } .line.closed { stroke: #b91c1c; } .line.unknown { stroke: #6b7280; }
  .port.open { fill: #15803d; } .port.closed { fill: #b91c1c; } .port.unknown { fill: #4b5563; }
  @media (prefers-color-scheme: dark) {
    .sheet { fill: #111827; } .band { fill: #1f2937; } .box { fill: #111827; stroke: #6b7280; }
    text { fill: #f3f4f6; } .note { fill: #d1d5db; } .port { stroke: #111827; }
    .line.open { stroke: #4ade80; } .line.closed { stroke: #f87171; } .line.unknown { stroke: #9ca3af; }
    .port.open { fill: #4ade80; } .port.closed { fill: #f87171; } .port.unknown { fill: #d1d5db; }
  }`;

/** Room of an environment's title, and of the legend. */
const HEAD = 56;
const FOOT = 44;

/** How far a line goes straight on, so that its port can be read. */
const STRAIGHT = 64;

const WORDS: Readonly<Record<Row['state'], string>> = {
  open: 'can reach it',
  closed: 'cannot reach it',
  unknown: 'not known',
};

/**
 * The paths to caches, databases and services as a drawing that stands for itself, of one environment or of several below
 * each other: SVG without scripts or references.
 */
export function reachabilitySvg(reports: ReachabilityReport | readonly ReachabilityReport[]): string {
  let y = 0;
  const parts = [reports].flat().map((report) => {
    const layout = layOut(rowsOf(report), y + HEAD);
    const title = `Who can reach what: ${report.environment}`;
    const part = [
      `<text class="title" x="24" y="${y + 36}">${escaped(shortened(title, 100))}</text>`,
      ...layout.bands.map(bandSvg),
      ...layout.lines.map(lineSvg),
      ...layout.boxes.map(boxSvg),
      ...layout.lines.map(portSvg),
    ];
    y = layout.end;
    return part;
  });
  const height = y + FOOT;
  const legend = (['open', 'closed', 'unknown'] as const).map((state, index) => {
    const x = 24 + index * 170;
    return (
      `<path class="line ${state}" d="M${x} ${height - 24}h36"/>` +
      `<text class="note" x="${x + 44}" y="${height - 20}">${WORDS[state]}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>Who can reach what</title><style>${STYLE}</style>`,
    `<rect class="sheet" width="${WIDTH}" height="${height}"/>`,
    ...parts.flat(),
    ...legend,
    '</svg>\n',
  ].join('\n');
}

function bandSvg({ x, y, width, height, name }: Band): string {
  return (
    `<rect class="band" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>` +
    `<text class="note head" x="${x + 12}" y="${y + 20}">${escaped(shortened(name, 42))}<title>${escaped(name)}</title></text>`
  );
}

function boxSvg({ x, y, width, height, name, note }: Box): string {
  const middle = y + height / 2;
  return (
    `<g><title>${escaped(name)}</title><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>` +
    `<text x="${x + 12}" y="${middle - 2}">${escaped(shortened(name, 32))}</text>` +
    `<text class="note" x="${x + 12}" y="${middle + 15}">${escaped(note)}</text></g>`
  );
}

function lineSvg({ from, to, row }: Line): string {
  const start = from.x + STRAIGHT;
  const bend = (to.x - start) / 2;
  const path = `M${from.x} ${from.y}H${start}C${start + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
  return `<path class="line ${row.state}" d="${path}"><title>${escaped(tip(row))}</title></path>`;
}

function portSvg({ from, row }: Line): string {
  return (
    `<text class="port ${row.state}" x="${from.x + 20}" y="${from.y + 4}">${row.port ?? '?'}` +
    `<title>${escaped(tip(row))}</title></text>`
  );
}

function tip({ who, target, port, state, why }: Row): string {
  return `${who} → ${target}:${port ?? '?'} ${WORDS[state]}: ${why}`;
}

/** A text of so many characters at most: its end tells most, and the beginning where it is. */
function shortened(text: string, most: number): string {
  const head = Math.floor(most / 3);
  return text.length <= most ? text : `${text.slice(0, head)}…${text.slice(text.length - (most - head - 1))}`;
}

function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
