import { closeQuietly } from './disk.ts';
import type { HeldDirectory, Jail } from './jail.ts';
import type { VirtualPath } from './virtual-path.ts';

/** A directory in use; `release` must be called once. */
export interface DirectoryLease {
  readonly held: HeldDirectory;
  /** Path when the directory was opened, without symbolic links; undefined if it was gone. */
  readonly place: VirtualPath | undefined;
  release(): void;
}

interface Entry {
  readonly path: VirtualPath;
  readonly held: HeldDirectory;
  users: number;
}

/**
 * The directories that a session is working in. The last one is kept open for what comes next: a
 * client that stores a thousand files in one directory opens it once.
 */
export class HeldDirectories {
  readonly #jail: Jail;
  #kept: Entry | undefined;
  #isClosed = false;

  constructor(jail: Jail) {
    this.#jail = jail;
  }

  async hold(path: VirtualPath): Promise<DirectoryLease> {
    const kept = this.#kept;
    if (kept?.path === path && this.#jail.isStill(kept.held, path)) return this.#lease(kept, path);
    const entry = { path, held: await this.#jail.holdDirectory(path), users: 0 };
    const isStill = this.#jail.isStill(entry.held, path);
    const lease = this.#lease(entry, isStill ? path : this.#jail.nameOfHeld(entry.held));
    if (isStill && !this.#isClosed) this.#keep(entry);
    return lease;
  }

  /** Closes the kept directory. What still works here, as an upload into a folder that is no longer shared, keeps none. */
  close(): void {
    this.#isClosed = true;
    this.#keep(undefined);
  }

  #keep(entry: Entry | undefined): void {
    const before = this.#kept;
    this.#kept = entry;
    if (before !== undefined) this.#closeUnused(before);
  }

  #lease(entry: Entry, place: VirtualPath | undefined): DirectoryLease {
    entry.users += 1;
    return {
      held: entry.held,
      place,
      release: () => {
        entry.users -= 1;
        this.#closeUnused(entry);
      },
    };
  }

  #closeUnused(entry: Entry): void {
    if (entry.users === 0 && entry !== this.#kept) closeQuietly(entry.held.descriptor);
  }
}
