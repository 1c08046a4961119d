import { Fault } from '../faults';

export function loadBalancerNotFound(which: string): Fault {
  return new Fault('LoadBalancerNotFound', `Load balancers '[${which}]' not found`);
}

export function listenerNotFound(which: string): Fault {
  return new Fault('ListenerNotFound', `Listeners '[${which}]' not found`);
}

export function targetGroupNotFound(which: string): Fault {
  return new Fault('TargetGroupNotFound', `Target groups '[${which}]' not found`);
}
