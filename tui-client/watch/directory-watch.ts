import { type Dirent, type FSWatcher, lstatSync, readdirSync, readFileSync, watch } from 'node:fs';
import { Failure } from '../errors/failure.ts';
import { joinPath, parentOf } from '../files/place.ts';
import { diskPath, nameFromDisk } from '../local/disk-name.ts';
import { errnoOf, localFailure } from '../local/local-failure.ts';
import type { Excludes } from '../transfers/excludes.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** Device, inode and birth: another directory may have the path by now, and even the inode. */
  readonly identity: string;
}

interface WatchOptions {
  readonly isExcluded: Excludes;
  /** Something in a directory has changed, or the directory itself. Its path begins at the root, which is empty. */
  readonly onChange: (directory: string) => void;
}

const GONE = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Watches a local tree, with a watcher for each directory. The recursive watch of Node misses changes on Linux while
 * it walks the tree, and needs a watcher for each file. What the events say is not relied upon: `refresh` looks.
 */
export class DirectoryWatch {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(root: string, options: WatchOptions) {
    this.#root = root;
    this.#options = options;
  }

  has(path: string): boolean {
    return this.#watched.has(path);
  }

  /**
   * Watches the new directories below a directory.
   *
   * @returns those that were not watched before: their changes were not reported.
   * @throws Failure if the system watches no more directories.
   */
  refresh(path: string): readonly string[] {
    const fresh: string[] = [];
    this.#refresh(path, fresh);
    return fresh;
  }

  /** The same for the whole tree. */
  refreshAll(): void {
    this.refresh('');
    for (const path of [...this.#watched.keys()]) this.refresh(path);
  }

  close(): void {
    this.#unwatch('');
  }

  #refresh(path: string, fresh: string[]): void {
    const identity = this.#identityOf(path);
    if (identity === undefined || identity !== this.#watched.get(path)?.identity) {
      this.#unwatch(path);
      if (identity === undefined || !this.#watch(path, identity)) return;
      fresh.push(path);
    }
    const names = this.#directoriesIn(path);
    for (const child of this.#childrenOf(path)) if (!names.has(child)) this.#unwatch(child);
    for (const child of names) {
      const known = this.#watched.get(child)?.identity;
      if (known === undefined || known !== this.#identityOf(child)) this.#refresh(child, fresh);
    }
  }

  /** False if it has disappeared. */
  #watch(path: string, identity: string): boolean {
    try {
      const options = { encoding: 'buffer' } as const;
      const watcher = watch(diskPath(this.#onDisk(path)), options, (_, name) =>
        this.#tell(path, name),
      );
      watcher.on('error', () => this.#options.onChange(path));
      this.#watched.set(path, { watcher, identity });
      return true;
    } catch (error) {
      if (GONE.has(errnoOf(error))) return false;
      if (errnoOf(error) === 'ENOSPC') throw tooManyWatches(this.#watched.size);
      throw localFailure(error, this.#onDisk(path));
    }
  }

  #tell(directory: string, octets: Buffer | null): void {
    const name = octets === null ? '' : joined(directory, nameFromDisk(octets));
    const { isExcluded, onChange } = this.#options;
    if (name !== '' && isExcluded(name, 'file') && isExcluded(name, 'directory')) return;
    onChange(directory);
  }

  #directoriesIn(path: string): ReadonlySet<string> {
    const directory = diskPath(this.#onDisk(path));
    let entries: Dirent<Buffer>[] = [];
    try {
      entries = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' });
    } catch {
      // The comparison reports a directory that cannot be read.
    }
    const directories = entries.filter((entry) => entry.isDirectory());
    const paths = directories.map(({ name }) => joined(path, nameFromDisk(name)));
    return new Set(paths.filter((child) => !this.#options.isExcluded(child, 'directory')));
  }

  #childrenOf(path: string): readonly string[] {
    return [...this.#watched.keys()].filter((one) => one !== '' && directoryOf(one) === path);
  }

  /** With all below it. */
  #unwatch(path: string): void {
    for (const [one, { watcher }] of [...this.#watched]) {
      if (path !== '' && one !== path && !one.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#watched.delete(one);
    }
  }

  #identityOf(path: string): string | undefined {
    const options = { throwIfNoEntry: false, bigint: true } as const;
    const stats = lstatSync(diskPath(this.#onDisk(path)), options);
    return stats?.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.birthtimeNs}` : undefined;
  }

  #onDisk(path: string): string {
    return path === '' ? this.#root : joinPath(this.#root, path);
  }
}

/** The most events that the system keeps for a program; those that come then are lost without a word. */
export function maxQueuedEvents(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  } catch {
    return Infinity;
  }
}

function tooManyWatches(count: number): Failure {
  return new Failure(
    'local',
    `The system limit of ${count} watched directories is reached. Raise fs.inotify.max_user_watches with sysctl, or exclude directories.`,
  );
}

/** The directory of a path that begins at the root. */
export function directoryOf(path: string): string {
  return parentOf(`/${path}`).slice(1);
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
