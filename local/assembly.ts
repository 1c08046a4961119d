import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Problem } from './problem';

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, any>>;
  readonly Metadata?: Readonly<Record<string, any>>;
}

/** A stack of an assembly. */
export interface AssemblyStack {
  readonly name: string;
  readonly resources: Readonly<Record<string, TemplateResource>>;
}

interface Manifest {
  readonly artifacts?: Readonly<
    Record<string, { type: string; properties?: { templateFile?: string; file?: string; directoryName?: string } }>
  >;
}

/** A cloud assembly, as `cdk synth` writes it: the templates and assets that a deploy would use. */
export class Assembly {
  readonly stacks: readonly AssemblyStack[];
  private readonly assets = new Map<string, string>();

  /** @throws Problem when the directory holds no assembly */
  constructor(readonly directory: string) {
    this.stacks = this.read(resolve(directory));
  }

  /** The directory of an asset by the key of its object. @throws Problem when the assembly has no such asset */
  assetDirectory(objectKey: string): string {
    const directory = this.assets.get(objectKey);
    if (directory === undefined || !existsSync(directory)) {
      throw new Problem(`the assembly ${this.directory} has no asset ${objectKey}: synthesize it again`);
    }
    return directory;
  }

  private read(directory: string): AssemblyStack[] {
    const file = join(directory, 'manifest.json');
    if (!existsSync(file)) {
      throw new Problem(`${directory} holds no cloud assembly (no manifest.json): run \`cdk synth\` first`);
    }
    const manifest = readJson(file) as Manifest;
    return Object.entries(manifest.artifacts ?? {}).flatMap(([name, { type, properties }]) => {
      switch (type) {
        case 'aws:cloudformation:stack': {
          const template = readJson(join(directory, properties?.templateFile ?? '')) as {
            Resources?: Record<string, TemplateResource>;
          };
          return [{ name, resources: template.Resources ?? {} }];
        }
        case 'cdk:asset-manifest':
          this.readAssets(join(directory, properties?.file ?? ''));
          return [];
        case 'cdk:cloud-assembly':
          return this.read(join(directory, properties?.directoryName ?? ''));
        default:
          return [];
      }
    });
  }

  private readAssets(file: string): void {
    const { files } = readJson(file) as {
      files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
    };
    for (const { source, destinations } of Object.values(files ?? {})) {
      for (const { objectKey } of Object.values(destinations)) {
        this.assets.set(objectKey, join(dirname(file), source.path ?? ''));
      }
    }
  }
}

/** Logical id of the resource that a value refers to by `Ref` or `Fn::GetAtt`; `undefined` for anything else. */
export function referencedResource(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { Ref: ref, 'Fn::GetAtt': attribute } = value as { Ref?: unknown; 'Fn::GetAtt'?: unknown };
  if (typeof ref === 'string') {
    return ref;
  }
  if (Array.isArray(attribute) && typeof attribute[0] === 'string') {
    return attribute[0];
  }
  return undefined;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Problem(`${file} cannot be read: ${(error as Error).message}`);
  }
}
