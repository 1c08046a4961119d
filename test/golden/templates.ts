import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { PROJECT } from '../engines/folders';
import { masked } from '../lib/masking';

/** Templates by the path of their stack, for example `prod/data`. */
export type Templates = Readonly<Record<string, Record<string, any>>>;

const GOLDEN = join(PROJECT, 'golden');

const SUFFIX = '.template.json';

/** What `cdk synth` made of this tree, masked. */
export function synthesized(): Templates {
  const { stacksRecursively } = new CloudAssembly(join(PROJECT, 'cdk.out'));
  return Object.fromEntries(stacksRecursively.map((stack) => [stack.hierarchicalId, masked(stack.template)]));
}

/** What is committed. */
export function golden(): Templates {
  const files = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(SUFFIX));
  return Object.fromEntries(
    files.map((file) => [file.slice(0, -SUFFIX.length), JSON.parse(readFileSync(join(GOLDEN, file), 'utf8'))]),
  );
}

/** Puts templates in the place of those that are committed. */
export function writeGolden(templates: Templates): void {
  rmSync(GOLDEN, { recursive: true, force: true });
  for (const [stack, template] of Object.entries(templates)) {
    const file = join(GOLDEN, `${stack}${SUFFIX}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(template, null, 2)}\n`);
  }
}
