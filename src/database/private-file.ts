import { chmodSync, closeSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the group and all others may do. */
const OTHERS = 0o077;
/** SQLite gives the files beside its own the same mode, but only when it makes them. */
const ENDINGS = ['', '-wal', '-shm'];

/**
 * Sees to it that a database can be read by its owner alone: new directories and a new file are made so, and a file of
 * ours that others may read is closed to them. A directory that is there was chosen so, and stays.
 */
export function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Made before SQLite would, which takes whatever the umask leaves.
  if (statOf(path) === undefined) closeSync(openSync(path, 'a', 0o600));
  for (const ending of ENDINGS) tighten(path + ending);
}

/** True where others than its owner may read or write the file. */
export function isOpenToOthers(path: string): boolean {
  const stat = statOf(path);
  // Windows has no such modes: there every file seems open.
  return process.platform !== 'win32' && stat !== undefined && (stat.mode & OTHERS) !== 0;
}

function tighten(path: string): void {
  const stat = statOf(path);
  if (!stat?.isFile() || stat.uid !== process.getuid?.() || !isOpenToOthers(path)) return;
  try {
    chmodSync(path, stat.mode & 0o700);
  } catch {
    // A file system without modes is no reason to keep no log: `isOpenToOthers` tells of it.
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
