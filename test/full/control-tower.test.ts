import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { type App, Validations } from 'aws-cdk-lib';
import { acknowledgements, CONTROL_TOWER, unneeded, withoutAcknowledgements } from '../lib/acknowledgements';
import { stageIn } from '../lib/environments';
import { newApp } from '../lib/stacks';

/** What its report may be long. */
const REPORT_BYTES = 64 * 1024 * 1024;

/** Findings of Control Tower's rules, as `rule at construct`. */
function guardFindings(app: App): string[] {
  Validations.of(app).addPlugins(new CfnGuardValidator({ maxBuffer: REPORT_BYTES }));
  try {
    app.synth();
  } catch {
    // A finding ends the synthesis, after the report is written.
  }
  process.exitCode = 0;
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  const [report] = pluginReports.filter(({ pluginName }: any) => pluginName === 'cdk-validator-cfnguard');
  return report.violations.flatMap(({ ruleName, violatingConstructs }: any) =>
    violatingConstructs.map(({ constructPath }: any) => `${CONTROL_TOWER}${ruleName} at ${constructPath}`),
  );
}

test('the rules of Control Tower find nothing in prod', () => {
  const app = newApp();
  stageIn(app, 'prod');

  expect(guardFindings(app)).toEqual([]);
});

test('without an acknowledgement its finding returns', () => {
  const app = newApp();
  stageIn(app, 'prod');
  const known = acknowledgements(app, [CONTROL_TOWER]);

  expect(known.length).toBeGreaterThan(5);
  expect(known.filter(({ reason }) => reason.split(' ').length < 5)).toEqual([]);
  expect(unneeded(known, guardFindings(withoutAcknowledgements((other) => stageIn(other, 'prod'))))).toEqual([]);
});
