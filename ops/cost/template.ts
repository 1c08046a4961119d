/** A resource of a CloudFormation template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** The part of a CloudFormation template that costs money. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/**
 * A whole number of a template, which may stand there as text.
 *
 * @param absent what a missing value means
 * @returns nothing for an intrinsic function, whose value only a deployment knows
 */
export function wholeNumber(value: unknown, absent?: number): number | undefined {
  if (value === undefined) {
    return absent;
  }
  return (typeof value === 'number' || typeof value === 'string') && /^\d+$/.test(`${value}`)
    ? Number(value)
    : undefined;
}

/**
 * A text of a template.
 *
 * @param absent what a missing value means
 * @returns nothing for an intrinsic function, whose value only a deployment knows
 */
export function text(value: unknown, absent?: string): string | undefined {
  return value === undefined ? absent : typeof value === 'string' ? value : undefined;
}

/**
 * A yes or no of a template, where a missing value means no.
 *
 * @returns nothing for an intrinsic function, whose value only a deployment knows
 */
export function flag(value: unknown): boolean | undefined {
  const written = value === undefined ? 'false' : `${value}`;
  return written === 'true' ? true : written === 'false' ? false : undefined;
}

/** The object that a value is; empty if it is none. */
export function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The list that a value is; nothing for an intrinsic function. A missing list is empty. */
export function list(value: unknown): readonly unknown[] | undefined {
  return value === undefined ? [] : Array.isArray(value) ? value : undefined;
}

/** The resource of the same template that a value refers to with `Ref` or `Fn::GetAtt`. */
export function referenced(template: Template, value: unknown): Resource | undefined {
  const id = referencedId(value);
  return id === undefined ? undefined : template.Resources[id];
}

/** The logical id that a value refers to with `Ref` or `Fn::GetAtt`. */
export function referencedId(value: unknown): string | undefined {
  const { Ref: name, 'Fn::GetAtt': attribute } = object(value);
  return text(name ?? (typeof attribute === 'string' ? attribute.split('.')[0] : list(attribute)?.[0]));
}
