import { ALARM_RULES } from './alarm-rules';
import { AVAILABILITY_RULES } from './availability-rules';
import { CONNECTION_RULES } from './connection-rules';
import { COST_RULES } from './cost-rules';
import { DATA_SAFETY_RULES } from './data-safety-rules';
import { DATABASE_RULES } from './database-rules';
import { DRIFT_RULES } from './drift-rules';
import { FLEET_RULES } from './fleet-rules';
import { LIFECYCLE_RULES } from './lifecycle-rules';
import { LOAD_BALANCER_RULES } from './load-balancer-rules';
import { LOAD_RULES } from './load-rules';
import { MEMORY_RULES } from './memory-rules';
import type { DoctorRule } from './rule';
import { SECRET_RULES } from './secret-rules';
import { SECURITY_RULES } from './security-rules';
import { SERVERLESS_RULES } from './serverless-rules';
import { SHARD_RULES } from './shard-rules';
import { STACK_RULES } from './stack-rules';
import { STATUS_RULES } from './status-rules';

export type { DoctorRule } from './rule';

/** All rules, by what they look at. */
export const DOCTOR_RULES: readonly DoctorRule[] = [
  ...STATUS_RULES,
  ...AVAILABILITY_RULES,
  ...DATA_SAFETY_RULES,
  ...LIFECYCLE_RULES,
  ...MEMORY_RULES,
  ...LOAD_RULES,
  ...SHARD_RULES,
  ...SERVERLESS_RULES,
  ...CONNECTION_RULES,
  ...SECURITY_RULES,
  ...SECRET_RULES,
  ...STACK_RULES,
  ...DRIFT_RULES,
  ...DATABASE_RULES,
  ...FLEET_RULES,
  ...LOAD_BALANCER_RULES,
  ...ALARM_RULES,
  ...COST_RULES,
];
