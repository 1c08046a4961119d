import { ACCESS_RULES } from './access-rules';
import { AVAILABILITY_RULES } from './availability-rules';
import { DATABASE_RULES } from './database-rules';
import { ENCRYPTION_RULES } from './encryption-rules';
import { FLEET_RULES } from './fleet-rules';
import { LOAD_BALANCER_RULES } from './load-balancer-rules';
import { NETWORK_RULES } from './network-rules';
import { OPERATION_RULES } from './operation-rules';
import type { Rule } from './rule';

/** All rules, those of caches first. */
export const RULES: readonly Rule[] = [
  ...ENCRYPTION_RULES,
  ...ACCESS_RULES,
  ...AVAILABILITY_RULES,
  ...OPERATION_RULES,
  ...DATABASE_RULES,
  ...NETWORK_RULES,
  ...FLEET_RULES,
  ...LOAD_BALANCER_RULES,
];
