import { lstatSync, type Stats, statSync } from 'node:fs';
import { chmod, lstat, lutimes, mkdir, opendir, readlink, rename, statfs } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { Algorithm } from '../files/digest.ts';
import {
  type Entry,
  type EntryKind,
  joinPath,
  type Place,
  type RemoveOptions,
} from '../files/place.ts';
import { diskPath, nameFromDisk } from './disk-name.ts';
import { digestFile } from './file-digest.ts';
import { atOnce, errnoOf, localFailure, onDisk } from './local-failure.ts';
import { removeTree } from './remove-tree.ts';

const BATCH_ENTRIES = 256;

/**
 * Time for looking at the entries of one batch without Node's threads, which cost more than a look at a local disk. On a slow
 * disk the threads look at the rest.
 */
const LOOK_AT_ONCE_MS = 4;

const PERMISSION_BITS = 0o7777;

const OWN = ownUser();

const MISSING = new Set(['ENOENT', 'ENOTDIR']);

/** The local disk. Names that are not UTF-8 are kept (see `nameFromDisk`). */
export class LocalPlace implements Place {
  readonly kind = 'local';

  async *list(path: string, signal?: AbortSignal): AsyncGenerator<readonly Entry[]> {
    let names: string[] = [];
    for await (const name of namesIn(path)) {
      signal?.throwIfAborted();
      names.push(name);
      if (names.length < BATCH_ENTRIES) continue;
      yield await entriesOf(path, names);
      names = [];
    }
    signal?.throwIfAborted();
    if (names.length > 0) yield await entriesOf(path, names);
  }

  /** Without Node's threads, which cost more than one look at the disk. */
  async stat(path: string): Promise<Entry | undefined> {
    const stats = atOnce(path, () => lookAt(path));
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (stats?.isSymbolicLink()) return onDisk(path, () => entryAt(path, name));
    return stats && entryFor(name, stats);
  }

  async follow(path: string): Promise<Entry | undefined> {
    const entry = await this.stat(path);
    if (entry?.kind !== 'link') return entry;
    const stats = lookThrough(path);
    return stats === undefined ? entry : entryFor(entry.name, stats);
  }

  async identity(path: string): Promise<string | undefined> {
    const stats = lookThrough(path);
    return stats && `${stats.dev}:${stats.ino}`;
  }

  async makeDirectory(path: string): Promise<'made' | 'existed'> {
    const made = await onDisk(path, () => mkdir(diskPath(path), { recursive: true }));
    return made === undefined ? 'existed' : 'made';
  }

  async rename(from: string, to: string): Promise<void> {
    await onDisk(from, () => rename(diskPath(from), diskPath(to)));
  }

  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    await removeTree(path, options);
  }

  digest(path: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string> {
    return onDisk(path, () => digestFile(path, algorithm, signal));
  }

  async size(path: string): Promise<number | undefined> {
    return (await this.stat(path))?.sizeBytes;
  }

  async modified(path: string): Promise<number | undefined> {
    return (await this.stat(path))?.modifiedMs;
  }

  async setModified(path: string, modifiedMs: number): Promise<boolean> {
    const seconds = modifiedMs / 1000;
    await onDisk(path, () => lutimes(diskPath(path), seconds, seconds));
    return true;
  }

  async setMode(path: string, mode: number): Promise<boolean> {
    await onDisk(path, () => chmod(diskPath(path), mode));
    return true;
  }

  /** How much the user may still write where `path` is or will be. */
  async freeBytes(path: string): Promise<number> {
    try {
      const { bavail, bsize } = await onDisk(path, () => statfs(diskPath(path)));
      return bavail * bsize;
    } catch (error) {
      const parent = dirname(path);
      if ((error as { kind?: unknown }).kind !== 'missing' || parent === path) throw error;
      return this.freeBytes(parent);
    }
  }
}

/** Includes names with line breaks and some that are not UTF-8, which cannot be sent to a server. */
async function* namesIn(path: string): AsyncGenerator<string> {
  // Node gives names as octets for this encoding, which its types leave out.
  const encoding = 'buffer' as BufferEncoding;
  const options = { encoding, bufferSize: BATCH_ENTRIES };
  const directory = await onDisk(path, () => opendir(diskPath(path), options));
  for await (const { name } of directory) {
    yield nameFromDisk(name as unknown as Buffer);
  }
}

async function entriesOf(path: string, names: readonly string[]): Promise<Entry[]> {
  const untilMs = performance.now() + LOOK_AT_ONCE_MS;
  const look = (name: string) =>
    (performance.now() < untilMs ? entryAtOnce : entryAt)(joinPath(path, name), name);
  const entries = await Promise.all(names.map(look));
  return entries.filter((entry) => entry !== undefined);
}

async function entryAtOnce(path: string, name: string): Promise<Entry | undefined> {
  const stats = lookAt(path);
  return stats?.isSymbolicLink() ? entryAt(path, name) : stats && entryFor(name, stats);
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(diskPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (MISSING.has(errnoOf(error))) return undefined;
    throw error;
  }
}

/** Through links; undefined if they lead nowhere, or round in a circle. */
function lookThrough(path: string): Stats | undefined {
  try {
    return statSync(diskPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (MISSING.has(errnoOf(error)) || errnoOf(error) === 'ELOOP') return undefined;
    throw localFailure(error, path);
  }
}

async function entryAt(path: string, name: string): Promise<Entry | undefined> {
  try {
    const stats = await lstat(diskPath(path));
    const entry = entryFor(name, stats);
    if (entry.kind !== 'link') return entry;
    const target = await readlink(diskPath(path), { encoding: 'buffer' });
    return { ...entry, linkTarget: nameFromDisk(target) };
  } catch (error) {
    if (MISSING.has(errnoOf(error))) return undefined;
    throw error;
  }
}

function entryFor(name: string, stats: Stats): Entry {
  return {
    name,
    kind: kindOf(stats),
    sizeBytes: stats.isFile() ? stats.size : undefined,
    modifiedMs: Math.round(stats.mtimeMs),
    mode: stats.mode & PERMISSION_BITS,
    owner: ownerName(stats.uid),
  };
}

function ownUser(): { readonly uid: number; readonly username: string } {
  try {
    return userInfo();
  } catch {
    // A user that no database knows.
    return { uid: -1, username: '' };
  }
}

/** Names of other users would have to be looked up. */
function ownerName(uid: number): string {
  if (uid === 0) return 'root';
  return uid === OWN.uid ? OWN.username : String(uid);
}

function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'other';
}
