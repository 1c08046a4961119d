import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Limit } from '../limits';
import type { CacheEngine } from './engine';
import { compareVersions } from './engine-version';
import type { CacheNodeType } from './node-type';

/** The engine's version from which on a family can be had (dg/CacheNodes.SupportedTypes). Without an entry: every one. */
const SINCE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  redis: { m7g: '6.2', r7g: '6.2', c7gn: '6.2', r6gd: '6.2', m6g: '5.0.6', r6g: '5.0.6', t4g: '5.0.6' },
  memcached: {
    c7gn: '1.6.6',
    m8g: '1.6.6',
    r8g: '1.6.6',
    c8gn: '1.6.6',
    m7g: '1.5.16',
    r7g: '1.5.16',
    m6g: '1.5.16',
    r6g: '1.5.16',
    t4g: '1.5.16',
  },
};

/** Families that an engine does not have in any version. */
const NEVER: Readonly<Record<string, string[]>> = {
  redis: ['m8g', 'r8g', 'c8gn'],
  memcached: ['r6gd', 'r7gd', 'r8gd'],
};

/** What is wrong with running an engine on a kind of machine. */
export function nodeTypeLimits(engine: CacheEngine, nodeType: CacheNodeType): Limit[] {
  const { family } = nodeType;
  const since = SINCE[engine.name]?.[family];
  return [
    {
      broken: (NEVER[engine.name] ?? []).includes(family),
      message: `\`nodeType\` ${nodeType} cannot run ${engine.name}: choose another family`,
    },
    {
      broken: since !== undefined && compareVersions(engine.version, since) < 0,
      message: `\`nodeType\` ${nodeType} needs ${engine.name} ${since} or later, got ${engine}`,
    },
  ];
}

/** Says that AWS makes no new nodes of some families. */
export function warnOfOldNodeType(scope: Construct, nodeType: CacheNodeType): void {
  if (['t1', 't2', 'm1', 'm2', 'm3', 'c1', 'r3'].includes(nodeType.family)) {
    Annotations.of(scope).addWarningV2(
      'cdk-elasticache:previous-generation',
      `\`nodeType\` ${nodeType} is of a previous generation: AWS keeps nodes that exist and makes no new ones`,
    );
  }
}
