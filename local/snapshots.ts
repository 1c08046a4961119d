import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../assembly/problem';
import type { ControlledGroup, ControlledSnapshot, ControlledSnapshots } from './control/controlled';

const DESCRIPTION = 'snapshot.json';

/** Snapshots of an environment's groups, in a folder each, kept between its runs. */
export class Snapshots implements ControlledSnapshots {
  /** @param save writes what each shard of a group holds. @returns files by shard */
  constructor(
    private readonly directory: string,
    private readonly save: (group: ControlledGroup) => Promise<ReadonlyMap<string, string>>,
  ) {}

  list(): readonly ControlledSnapshot[] {
    return readdirSync(this.directory)
      .filter((name) => existsSync(join(this.directory, name, DESCRIPTION)))
      .map((name) => this.read(name))
      .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  }

  async create(group: ControlledGroup, name: string): Promise<ControlledSnapshot> {
    const folder = this.folderOf(name);
    if (existsSync(folder)) {
      throw new Problem(`there is a snapshot ${name} already`);
    }
    mkdirSync(folder, { mode: 0o700 });
    try {
      const files = await this.save(group);
      const shards = group.shards.map(({ id, slots }) => {
        const file = files.get(id) as string;
        const kept = join(folder, `${id}.rdb`);
        copyFileSync(file, kept);
        return { id, slots, bytes: statSync(kept).size };
      });
      const { engine, engineVersion, nodeType } = group;
      const snapshot: ControlledSnapshot = {
        name,
        group: group.id,
        engine,
        engineVersion,
        nodeType,
        source: 'manual',
        createdAt: new Date(),
        shards,
      };
      writeFileSync(join(folder, DESCRIPTION), JSON.stringify(snapshot));
      return snapshot;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The files of a snapshot, shard by shard. @throws Problem that names those there are */
  filesOf(name: string): string[] {
    const found = this.list().find((snapshot) => snapshot.name === name);
    if (found === undefined) {
      const names = this.list().map((snapshot) => snapshot.name);
      throw new Problem(
        `the template begins with the snapshot ${name}, which is not in ${this.directory} ` +
          `(there: ${names.join(', ') || 'none'}): take one with \`aws elasticache create-snapshot\` against the control endpoint`,
      );
    }
    return found.shards.map(({ id }) => join(this.folderOf(name), `${id}.rdb`));
  }

  private read(name: string): ControlledSnapshot {
    const snapshot = JSON.parse(readFileSync(join(this.directory, name, DESCRIPTION), 'utf8'));
    return { ...snapshot, createdAt: new Date(snapshot.createdAt) };
  }

  private folderOf(name: string): string {
    if (!/^[a-zA-Z][a-zA-Z0-9-]{0,254}$/.test(name)) {
      throw new Problem(
        `a snapshot's name has letters, digits and hyphens and begins with a letter, got ${JSON.stringify(name)}`,
      );
    }
    return join(this.directory, name);
  }
}
