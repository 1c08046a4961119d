import { Token } from 'aws-cdk-lib';
import type { Limit } from '../limits';

/** Ports that ElastiCache takes, as its refusal says: "Valid range is 1150-8004,8006-65535". */
export function portLimit(port: number): Limit {
  return {
    broken: !Token.isUnresolved(port) && !(Number.isInteger(port) && port >= 1_150 && port <= 65_535 && port !== 8_005),
    message: `\`port\` must be between 1150 and 65535, but not 8005, got ${port} (AWS: "Invalid endpoint port: ${port}. Valid range is 1150-8004,8006-65535")`,
  };
}
