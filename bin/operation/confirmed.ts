import { createInterface } from 'node:readline/promises';
import { Problem } from '../../assembly/problem';
import { printable } from '../../ops/aws/problems';

export interface Consent {
  /** Goes on without a question, where everything may be broken. */
  readonly yes: boolean;
  /** Name of the environment, in place of typing it. */
  readonly confirm?: string;
}

/** What is about to happen, and to whom. */
export interface Plan {
  readonly environment: string;
  /** Whether it is protected: then its name is what says yes. */
  readonly isProtected: boolean;
  /** What will happen, in sentences. */
  readonly will: readonly string[];
}

/**
 * Says what will happen, and goes on only when somebody agrees.
 *
 * @throws Problem when nobody does
 */
export async function confirmed(plan: Plan, consent: Consent, signal: AbortSignal): Promise<void> {
  const { environment, isProtected, will } = plan;
  console.error(['This will happen:', ...will.map((line) => `  - ${printable(line)}`)].join('\n'));
  if (consent.confirm !== undefined) {
    if (consent.confirm !== environment) {
      throw new Problem(`--confirm names \`${consent.confirm}\`, and this is ${environment}: nothing was done`);
    }
    return;
  }
  if (consent.yes && !isProtected) {
    return;
  }
  const flag = isProtected ? `--confirm ${environment}` : '--yes';
  if (process.stdin.isTTY !== true) {
    throw new Problem(
      isProtected
        ? `${environment} is protected: ${flag} says yes where nobody can be asked; nothing was done`
        : `${flag} says yes where nobody can be asked; nothing was done`,
    );
  }
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await questions.question(
      isProtected ? `${environment} is protected. Its name says yes: ` : 'Go on? (y/N) ',
      { signal },
    );
    if (isProtected ? answer.trim() !== environment : !/^y(es)?$/i.test(answer.trim())) {
      throw new Problem('nothing was done');
    }
  } finally {
    questions.close();
  }
}
