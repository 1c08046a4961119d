import type { Spec } from './chart-layers';

/** What a drawing is made with once it is loaded. */
export interface Drawing {
  readonly textWidth: (text: string, fontSize: number) => number;
  /** An SVG document. */
  readonly draw: (spec: Spec) => Promise<string>;
}

/** Helvetica's letters on average, as a share of its size, with room for other fonts. */
const LETTER_WIDTH = 0.5;

/** Loads the library, which is large: not before something is drawn. */
export async function loadDrawing(): Promise<Drawing> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const textWidth = (text: string, fontSize: number) => text.length * LETTER_WIDTH * fontSize;
  // Without a canvas its own guess is half as wide again as text is.
  (vega as any).textMetrics.width = (item: { fontSize?: number }, text: unknown) =>
    textWidth(String(text ?? ''), item.fontSize ?? 11);
  return {
    textWidth,
    async draw(spec) {
      const view = new vega.View(vega.parse(compile(spec as any).spec), { renderer: 'none' });
      try {
        return shortened(await view.toSVG());
      } finally {
        view.finalize();
      }
    },
  };
}

/** Drops what nobody sees of the coordinates, which are most of the document: less than a tenth of a pixel. */
function shortened(svg: string): string {
  return svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/ (d|transform)="[^"]*"/g, (attribute) => attribute.replace(/(\.\d)\d+/g, '$1')),
  );
}
