import type { TerminalOptions } from '../../ops/text/terminal';

/** How text is shown on the standard output: plain and uncut in a pipe. */
export function terminal(): TerminalOptions {
  const { isTTY, columns } = process.stdout;
  return {
    colour: isTTY === true && !process.env.NO_COLOR,
    width: isTTY === true ? columns : Number.POSITIVE_INFINITY,
  };
}

/**
 * What a terminal carries out, but for the colours of its own text: names, messages and templates come from elsewhere.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CARRIED_OUT = /\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;

/** Writes a result in one piece. */
export function print(text: string): void {
  process.stdout.write(`${text.replace(CARRIED_OUT, '')}\n`);
}
