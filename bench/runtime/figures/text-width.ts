/** How wide text is, where there is no canvas to measure it with: Helvetica's widths, in thousandths of its size. */
const NARROW = 300;
const DIGIT = 560;
const LOWER = 530;
const CAPITAL = 690;
const WIDE = 870;

/** Other fonts that a reader may have are a little wider. */
const ROOM = 1.08;

export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) {
    if ("iljtfr .,:;|!()[]'’·-\u00a0".includes(character)) {
      width += NARROW;
    } else if ('mwMW@%…'.includes(character)) {
      width += WIDE;
    } else if (/[A-Z×>+]/.test(character)) {
      width += CAPITAL;
    } else {
      width += /\d/.test(character) ? DIGIT : LOWER;
    }
  }
  return (width / 1_000) * fontSize * ROOM;
}

/** Breaks text into lines that are no wider. */
export function wrap(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, fontSize) <= width) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
