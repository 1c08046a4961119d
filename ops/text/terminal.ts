import { styleText } from 'node:util';

/** How a text is shown. */
export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns of the terminal; `Infinity` in a pipe, where nothing is cut. */
  readonly width: number;
}

export type Style = Parameters<typeof styleText>[0];

export type Paint = (style: Style, text: string) => string;

export function painter({ colour }: Pick<TerminalOptions, 'colour'>): Paint {
  // It would look at the standard output itself, and the caller decides.
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** Between two columns. */
export const GUTTER = '  ';

/** A `cli-table3` table that has columns alone, without rules. */
export const COLUMNS_ONLY = {
  chars: {
    ...Object.fromEntries(
      ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
        .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
        .map((place) => [place, '']),
    ),
    middle: GUTTER,
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
};
