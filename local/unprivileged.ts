import { accessSync, chownSync, constants, cpSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The user that owns nothing, on every Linux and on macOS under another number. */
const NOBODY = 65_534;

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Whom PostgreSQL runs as: it refuses to run as root. `undefined` means the user who runs this process. */
export function unprivilegedIdentity(): Identity | undefined {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
}

/** Whether a user that owns nothing can enter a directory, that is, whether all folders above let others through. */
export function isOpenToOthers(directory: string): boolean {
  for (let path = resolve(directory); ; path = dirname(path)) {
    try {
      if ((statSync(path).mode & 0o001) === 0) {
        return false;
      }
    } catch {
      // Not there yet: what is made below an open folder is open.
    }
    if (path === dirname(path)) {
      return true;
    }
  }
}

/** Gives a directory and what is in it to the user, where this process runs as root. */
export function giveTo(identity: Identity | undefined, directory: string): void {
  if (identity === undefined) {
    return;
  }
  chownSync(directory, identity.uid, identity.gid);
  for (const entry of readdirSync(directory)) {
    const path = join(directory, entry);
    const stat = lstatSync(path);
    if (stat.isDirectory()) {
      giveTo(identity, path);
    } else if (stat.isFile()) {
      chownSync(path, identity.uid, identity.gid);
    }
  }
}

/** A directory the user can read: the given one, or a copy of it where the path is closed to others. */
export function readableBy(identity: Identity | undefined, directory: string, copy: string): string {
  if (identity === undefined || isOpenToOthers(directory)) {
    return directory;
  }
  try {
    accessSync(copy, constants.R_OK);
  } catch {
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(directory, copy, { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}
