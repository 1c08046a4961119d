import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { buildSync } from 'esbuild';
import type { DrillResult } from '../../drill/report/drill-result';
import { PROJECT } from '../engines/folders';

/** Calls a function of the bundle with results that have all that JSON has no word for. */
const CALLER = `
const { readFileSync } = require('node:fs');
const [bundle, name] = process.argv.slice(1);
const argument = require('node:v8').deserialize(readFileSync(0));
require(bundle)[name](argument).then((text) => process.stdout.write(text));
`;

/** The report as the command has it, bundled: its charts are drawn by modules that jest cannot load. */
export class ReportBundle {
  private readonly folder = mkdtempSync(join(tmpdir(), 'report-'));
  private readonly file = join(this.folder, 'report.js');

  constructor() {
    buildSync({
      absWorkingDir: PROJECT,
      entryPoints: ['drill/report/index.ts'],
      outfile: this.file,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      // The one for Node.js looks for a canvas, in a way that no CommonJS module can.
      alias: { 'vega-canvas': './node_modules/vega-canvas/build/vega-canvas.browser.js' },
      logLevel: 'error',
    });
  }

  page(results: readonly DrillResult[]): string {
    return this.call('reportPage', results);
  }

  timeline(result: DrillResult): string {
    return this.call('timelineSvg', result);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private call(name: string, argument: unknown): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', CALLER, this.file, name], {
      input: serialize(argument),
      maxBuffer: 64 * 1024 * 1024,
    });
    // Whatever the chart library warns of is a mistake in a chart.
    if (status !== 0 || stderr.length > 0) {
      throw new Error(`${name} ended with ${status}: ${stderr}`);
    }
    return stdout.toString();
  }
}
