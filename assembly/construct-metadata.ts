import { existsSync } from 'node:fs';
import { type AssemblyStack, readJson } from './assembly';

/** What CDK wrote down of the construct that a resource is of. */
export interface ResourceOrigin {
  /** Path in the app, for example `prod/data/Sessions/Cache/Resource`. */
  readonly path: string;
  /** Where it was made: frames as `file:line:column`, the innermost first; none where CDK did not record them. */
  readonly frames: ReadonlyArray<{ readonly file: string; readonly line: number }>;
  /** Reasons by the ids of the rules that were acknowledged for it, at the construct or above. */
  readonly acknowledged: ReadonlyMap<string, string>;
}

type Entries = ReadonlyArray<{ readonly type: string; readonly data?: unknown }>;

const FRAME = /\(?(\/[^()]+|[A-Z]:[^()]+):(\d+):\d+\)?$/;

/** The origins of a stack's resources by logical id; empty where CDK wrote down nothing. */
export function originsIn({ metadataFile }: AssemblyStack): ReadonlyMap<string, ResourceOrigin> {
  if (metadataFile === undefined || !existsSync(metadataFile)) {
    return new Map();
  }
  const constructs = readJson(metadataFile) as Record<string, Entries>;
  const found = new Map<string, ResourceOrigin>();
  for (const [path, entries] of Object.entries(constructs)) {
    const id = entries.find(({ type }) => type === 'aws:cdk:logicalId')?.data;
    if (typeof id === 'string') {
      const frames = entries.find(({ type }) => type === 'aws:cdk:creationStack')?.data;
      found.set(id, {
        path: path.slice(1),
        frames: Array.isArray(frames) ? frames.flatMap(frameOf) : [],
        acknowledged: new Map(ancestors(path).flatMap((above) => acknowledgedAt(constructs[above] ?? []))),
      });
    }
  }
  return found;
}

function frameOf(text: unknown): Array<{ file: string; line: number }> {
  const [, file, line] = FRAME.exec(String(text)) ?? [];
  return file === undefined || file.includes('/node_modules/') ? [] : [{ file, line: Number(line) }];
}

/** From the app down to the construct, so that the closest reason wins. */
function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/')).filter((above) => above !== '');
}

function acknowledgedAt(entries: Entries): Array<[string, string]> {
  return entries
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
}
