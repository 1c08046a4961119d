import { DOCTOR_RULES } from '../../../ops/doctor/rules';
import { SUPPORT_ENDS } from '../../../ops/doctor/support-dates';
import { generated, markdownTable } from '../../generated-docs';

const PAGE = 'docs/doctor.md';

test('the page has every rule, how bad it is and where', () => {
  const expected = markdownTable(
    ['rule', 'severity', 'what is wrong', 'what to do', 'disposable', 'local'],
    DOCTOR_RULES.map(({ id, severity, title, fix, source, disposable, local }) => [
      `<a id="${id}"></a>[\`${id}\`](${source})`,
      severity,
      title,
      fix,
      disposable === 'skip' ? '–' : (disposable ?? severity),
      local === 'skip' ? '–' : 'yes',
    ]),
  );

  expect(generated(PAGE, 'rules', expected)).toBe(expected);
});

test('the page has the ends of support that are judged', () => {
  const expected = markdownTable(
    ['engine', 'version', 'in standard support until'],
    SUPPORT_ENDS.map(({ engine, version, until, source }) => [engine, version, `[${until}](${source})`]),
  );

  expect(generated(PAGE, 'support', expected)).toBe(expected);
});
