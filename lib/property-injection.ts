import { type InjectionContext, PropertyInjectors } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/**
 * Properties as an organisation's injectors leave them: the nearest that is registered for the construct, on its scope or
 * above, as with CDK's own constructs.
 *
 * @param uniqueId the `PROPERTY_INJECTION_ID` of the construct
 * @see https://docs.aws.amazon.com/cdk/v2/guide/blueprints.html
 */
export function injected<P>(scope: Construct, id: string, uniqueId: string, props: P): P {
  const context: InjectionContext = { scope, id };
  for (let place: IConstruct | undefined = scope; place !== undefined; place = place.node.scope) {
    const injector = PropertyInjectors.hasPropertyInjectors(place)
      ? PropertyInjectors.of(place as IConstruct).for(uniqueId)
      : undefined;
    if (injector !== undefined) {
      return injector.inject(props, context);
    }
  }
  return props;
}

/** Properties without those that are undefined, which would stand over an injector's. */
export function given<P extends object>(props: P): P {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as P;
}
