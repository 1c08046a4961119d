import { ErrorReply } from '@redis/client';
import { EngineRefusedError } from '../errors';

/** Answers of a node that is not, or not yet, the one to ask. They say that the command was not carried out. */
const NOT_THE_NODE = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|UNBLOCKED)/;

const LOGIN_REFUSED = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/;

/** Whether a node answered that it cannot take commands now: demoted, loading, or its cluster is down. */
export function isDemotion(error: unknown): boolean {
  return error instanceof Error && NOT_THE_NODE.test(error.message);
}

/** Whether an engine did not accept who signed in. */
export function isLoginRefused(error: unknown): boolean {
  return error instanceof Error && LOGIN_REFUSED.test(error.message);
}

/** An error answer as the runtime's own error; everything else as it is. */
export function refusal(cache: string, error: unknown): unknown {
  const isAnswer = error instanceof ErrorReply || (error as Error | undefined)?.name === 'ReplyError';
  return isAnswer && !isDemotion(error)
    ? new EngineRefusedError(cache, (error as Error).message, { cause: error })
    : error;
}
