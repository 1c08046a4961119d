import { logicalIdOf, type Resource, type Templates } from '../assembly/templates';

/** A subnet of the templates, and the Availability Zone that it is in. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
}

/** The subnets of a list, of those whose zones the templates name. */
export function subnetsOf(templates: Templates, stack: Resource['stack'], list: unknown): Subnet[] {
  return (templates.elements(stack, list) ?? []).flatMap(({ stack: holder, value }) => {
    const found = templates.referenced(holder, value);
    const zone = found?.properties.AvailabilityZone;
    return found !== undefined && typeof zone === 'string' ? [{ id: `subnet-${logicalIdOf(found)}`, zone }] : [];
  });
}
