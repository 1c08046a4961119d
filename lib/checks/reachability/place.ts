import { logicalIdOf, type Resource } from '../../../assembly/templates';
import type { Finding } from '../finding';

/** Where a finding is shown. */
export function placeOf(resource: Resource): Pick<Finding, 'templatePath' | 'logicalId'> {
  return { templatePath: resource.stack.templateFile, logicalId: logicalIdOf(resource) };
}
