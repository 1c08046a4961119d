import type { Answer } from './answers';
import type { QueryRequest } from './query-request';

/**
 * Reads the parameters of a request, and returns what it asks for. Nothing is done before all of them are read, so
 * that a request with a parameter that nobody reads changes nothing.
 */
export type QueryOperation<Context> = (request: QueryRequest) => (context: Context) => Answer;
