import { type DoctorSeverity, diagnose } from '../ops/doctor/diagnose';
import { diagnosisText } from '../ops/text/diagnosis-text';
import { EXIT } from './exit-codes';
import { type OperationArguments, operation } from './operation/operation';
import { print, terminal } from './operation/output';

/** What is only worth knowing ends the command as if nothing were there. */
const WORTH_KNOWING: DoctorSeverity = 'low';

/** Says what is wrong or risky in an environment. */
export async function doctor(environment: string | undefined, options: OperationArguments): Promise<void> {
  await operation(environment, options, async (running) => {
    const state = await running.read('doctor');
    const diagnosis = diagnose(state, new Date(state.takenAt));
    print(
      options.json
        ? JSON.stringify(
            { environment: state.environment, region: state.region, ...diagnosis, gaps: state.gaps },
            null,
            2,
          )
        : diagnosisText(state, diagnosis, terminal()),
    );
    if (diagnosis.findings.some(({ severity }) => severity !== WORTH_KNOWING)) {
      process.exitCode = EXIT.problem;
    }
  });
}
