/** Draws the figures of the README out of a run: `npx tsx bench/runtime/figures.ts results.json` */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../report';
import { failover } from './figures/failover';
import { hits } from './figures/hits';
import { lostCache } from './figures/lost-cache';
import { Results } from './figures/results';
import { stampede } from './figures/stampede';
import type { Spec } from './figures/style';
import { textWidth } from './figures/text-width';

const FIGURES: Readonly<Record<string, (results: Results) => Spec>> = {
  'runtime-hits': hits,
  'runtime-stampede': stampede,
  'runtime-lost-cache': lostCache,
  'runtime-failover': failover,
};

async function draw(spec: Spec): Promise<string> {
  // Modules, which this project's own format cannot import in another way.
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Its own guess is half as wide again as text is.
  (vega as any).textMetrics.width = (item: { fontSize?: number }, text: unknown) =>
    textWidth(String(text), item.fontSize ?? 11);
  const svg = await new vega.View(vega.parse(compile(spec as any).spec), { renderer: 'none' }).toSVG();
  // A hundredth of a pixel is more than anybody sees.
  return svg.replace(/(\d\.\d{2})\d+/g, '$1');
}

async function main([file]: string[]): Promise<void> {
  if (file === undefined) {
    throw new Error('name the results that bench/runtime/main.ts wrote with --json');
  }
  const results = new Results(file);
  const folder = join(PROJECT, 'docs', 'images');
  mkdirSync(folder, { recursive: true });
  for (const [name, figure] of Object.entries(FIGURES)) {
    writeFileSync(join(folder, `${name}.svg`), `${await draw(figure(results))}\n`);
    console.log(`docs/images/${name}.svg`);
  }
}

void main(process.argv.slice(2)).catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
