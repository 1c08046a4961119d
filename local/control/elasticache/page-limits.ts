import type { PageLimits } from '../pages';

export const SNAPSHOT_LIMITS: PageLimits = {
  min: 20,
  max: 50,
  default: 50,
  tooMany: 'Cannot return more than 50 records per page.',
};

export const SERVERLESS_LIMITS: PageLimits = { min: 20, max: 100, default: 50 };

export const UPDATE_ACTION_LIMITS: PageLimits = { min: 20, max: 50, default: 50 };
