import { Terminal } from '@xterm/headless';
import type { TerminalSize } from './in-terminal';

/** A command as somebody types it, and what the terminal showed then. */
export interface Scene {
  readonly typed: string;
  readonly output: string;
}

/** Measures of a character, in pixels, and of the frame around all of them. */
const [CHARACTER, LINE, MARGIN] = [7.8, 17, 14];

/** How long a command is looked at before its output comes, and how long the output is, in seconds. */
const [TYPED, SHOWN] = [1.5, 7];

/** The colours of a terminal, by their numbers: black, red, green, yellow, blue, magenta, cyan, white. */
const COLOURS = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'];
const [BACKGROUND, FOREGROUND, QUIET] = ['#0d1117', '#c9d1d9', '#8b949e'];

/** Draws scenes one after the other, over and over, without scripts. */
export async function recording(scenes: readonly Scene[], { columns, rows }: TerminalSize): Promise<string> {
  const screens: Array<{ readonly lines: string[]; readonly seconds: number }> = [];
  for (const { typed, output } of scenes) {
    screens.push({ lines: await drawn(`$ ${typed}`, columns, rows), seconds: TYPED });
    screens.push({ lines: await drawn(`$ ${typed}\r\n${output}`, columns, rows), seconds: SHOWN });
  }
  const total = screens.reduce((sum, { seconds }) => sum + seconds, 0);
  let at = 0;
  const groups = screens.map(({ lines, seconds }, index) => {
    const [from, to] = [at / total, (at + seconds) / total].map((share) => `${(share * 100).toFixed(3)}%`);
    at += seconds;
    const keyframes = `@keyframes s${index}{0%{visibility:hidden}${from}{visibility:visible}${to}{visibility:hidden}100%{visibility:hidden}}`;
    return {
      style: `${keyframes}#s${index}{visibility:hidden;animation:s${index} ${total}s step-end infinite}`,
      group: `<g id="s${index}">${lines.join('')}</g>`,
    };
  });
  const [width, height] = [columns * CHARACTER + 2 * MARGIN, rows * LINE + 2 * MARGIN].map(Math.ceil);
  // Who wants nothing to move sees the first command's output.
  const still = '@media (prefers-reduced-motion:reduce){g{animation:none!important}#s1{visibility:visible!important}}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(scenes.map(({ typed }) => typed).join(', then '))}">`,
    `<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:${FOREGROUND}}${groups.map(({ style }) => style).join('')}${still}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    ...groups.map(({ group }) => group),
    '</svg>\n',
  ].join('\n');
}

/** The lines of a screen after some text, as a terminal lays it out. */
async function drawn(text: string, columns: number, rows: number): Promise<string[]> {
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    const spans: Array<{ style: string; text: string }> = [];
    for (let column = 0; column < columns; column += 1) {
      const cell = line?.getCell(column);
      const style =
        cell === undefined
          ? ''
          : [
              cell.isFgPalette() ? `fill="${COLOURS[cell.getFgColor() % COLOURS.length]}"` : '',
              cell.isDim() ? `fill="${QUIET}"` : '',
              cell.isBold() ? 'font-weight="bold"' : '',
            ]
              .filter(Boolean)
              .join(' ');
      const last = spans.at(-1);
      const character = cell?.getChars() || ' ';
      if (last?.style === style) {
        last.text += character;
      } else {
        spans.push({ style, text: character });
      }
    }
    const content = spans
      .map(({ style, text: part }) => (style === '' ? escaped(part) : `<tspan ${style}>${escaped(part)}</tspan>`))
      .join('');
    return content.trim() === ''
      ? ''
      : `<text x="${MARGIN}" y="${MARGIN + (row + 0.75) * LINE}">${content.trimEnd()}</text>`;
  });
  terminal.dispose();
  return lines;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
