import type { InstanceState } from './environment-state';

/** Whether requests reach an instance. */
export function serves({ lifecycle, health, target }: InstanceState): boolean {
  return lifecycle === 'InService' && health === 'Healthy' && (target === undefined || target === 'healthy');
}
