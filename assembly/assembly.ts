import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Problem } from './problem';

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, any>>;
  readonly Metadata?: Readonly<Record<string, any>>;
}

/** A value that a template shows to others. */
export interface TemplateOutput {
  readonly Value?: unknown;
  readonly Export?: { readonly Name?: unknown };
}

/** A stack of an assembly. */
export interface AssemblyStack {
  /** Its own in the whole assembly, of letters, digits and hyphens. */
  readonly id: string;
  /** Path in the app, for example `dev/data`. */
  readonly path: string;
  /** Name that CloudFormation knows it by. */
  readonly name: string;
  /** Absolute path of its template. */
  readonly templateFile: string;
  /** Absolute path of what CDK wrote down of its constructs; `undefined` where it wrote nothing. */
  readonly metadataFile?: string;
  /** Where it is deployed to; `undefined` where only a deploy knows. */
  readonly region?: string;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: Readonly<Record<string, TemplateOutput>>;
}

/** Stacks that are deployed together: those of one stage, or those outside of all stages. */
export interface AssemblyEnvironment {
  /** Path of the stage, for example `dev`; outside of stages the paths of the stacks. */
  readonly name: string;
  readonly stacks: readonly AssemblyStack[];
}

interface Manifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        type: string;
        displayName?: string;
        environment?: string;
        additionalMetadataFile?: string;
        properties?: {
          templateFile?: string;
          stackName?: string;
          file?: string;
          directoryName?: string;
          displayName?: string;
        };
      }
    >
  >;
}

/** A cloud assembly, as `cdk synth` writes it: the templates and assets that a deploy would use. */
export class Assembly {
  /** In the order of the app; none is without stacks. */
  readonly environments: readonly AssemblyEnvironment[];
  private readonly assets = new Map<string, string>();

  /** @throws Problem when the directory holds no assembly */
  constructor(readonly directory: string) {
    this.environments = this.read(resolve(directory));
  }

  /** The directory of an asset by the key of its object. @throws Problem when the assembly has no such asset */
  assetDirectory(objectKey: string): string {
    const directory = this.assets.get(objectKey);
    if (directory === undefined || !existsSync(directory)) {
      throw new Problem(`the assembly ${this.directory} has no asset ${objectKey}: synthesize it again`);
    }
    return directory;
  }

  private read(directory: string, stage?: string): AssemblyEnvironment[] {
    const file = join(directory, 'manifest.json');
    if (!existsSync(file)) {
      throw new Problem(`${directory} holds no cloud assembly (no manifest.json): run \`cdk synth\` first`);
    }
    const stacks: AssemblyStack[] = [];
    const stages: AssemblyEnvironment[] = [];
    for (const [id, artifact] of Object.entries((readJson(file) as Manifest).artifacts ?? {})) {
      const { type, displayName, additionalMetadataFile: metadata, environment, properties = {} } = artifact;
      switch (type) {
        case 'aws:cloudformation:stack': {
          const templateFile = join(directory, properties.templateFile ?? '');
          const template = readJson(templateFile) as {
            Resources?: AssemblyStack['resources'];
            Outputs?: AssemblyStack['outputs'];
          };
          stacks.push({
            id,
            path: displayName ?? id,
            name: properties.stackName ?? id,
            templateFile,
            ...(metadata === undefined ? {} : { metadataFile: join(directory, metadata) }),
            ...regionOf(environment),
            resources: template.Resources ?? {},
            outputs: template.Outputs ?? {},
          });
          break;
        }
        case 'cdk:asset-manifest':
          this.readAssets(join(directory, properties.file ?? ''));
          break;
        case 'cdk:cloud-assembly':
          stages.push(...this.read(join(directory, properties.directoryName ?? ''), properties.displayName ?? id));
          break;
      }
    }
    const own = { name: stage ?? stacks.map(({ path }) => path).join('+'), stacks };
    return stacks.length === 0 ? stages : [own, ...stages];
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

/** Of `aws://<account>/<region>`. */
function regionOf(environment = ''): { readonly region?: string } {
  const region = environment.split('/').at(-1) ?? '';
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? { region } : {};
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Problem(`${file} cannot be read: ${(error as Error).message}`);
  }
}
