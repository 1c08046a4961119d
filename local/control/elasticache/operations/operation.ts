import type { QueryOperation } from '../../query/operation';
import type { ControlPlane } from '../control-plane';

/** An operation on the caches of an environment. */
export type Operation = QueryOperation<ControlPlane>;
