/** An error that is answered in AWS's own form: its code, its message and its HTTP status. */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
  ) {
    super(message);
  }
}

export function invalidParameterValue(message: string): Fault {
  return new Fault('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): Fault {
  return new Fault('InvalidParameterCombination', message);
}

export function missingParameter(name: string): Fault {
  return new Fault('MissingParameter', `The request must contain the parameter ${name}`);
}

/** What several services call whatever is wrong with a parameter. */
export function validationError(message: string): Fault {
  return new Fault('ValidationError', message);
}

/** What AWS says of an operation that it does not have, in that version of its API or in any; and which there are. */
export function invalidAction(action: string, version: string, actions: Iterable<string>): Fault {
  return new Fault(
    'InvalidAction',
    `Could not find operation ${action} for version ${version}. The local environment has: ${[...actions].join(', ')}`,
  );
}

export function malformedQuery(message: string): Fault {
  return new Fault('MalformedQueryString', message);
}
