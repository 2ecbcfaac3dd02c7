import {
  closeSync,
  type Dir,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { hasStagingDirectory } from '../disk/staging-directory.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { type ByteName, byteName, nameText } from '../system/byte-name.ts';
import { type FileFacts, fileFacts } from '../system/file-facts.ts';
import { O_PATH } from '../system/node-internals.ts';
import { entryFacts } from './entry-facts.ts';
import { EntryPermissions, type ListedRights } from './entry-permissions.ts';
import { type StagedEntry, stagedFacts } from './partial-entries.ts';

/** Number of entries that one system call may return. */
const READ_ENTRIES = 2048;

/** A directory that was opened and checked, and may be renamed or replaced at any time since. */
export class OpenDirectory {
  readonly #descriptor: number;
  readonly #rootPath: string;
  readonly permissions: EntryPermissions;

  constructor(options: {
    readonly descriptor: number;
    readonly rootPath: string;
    readonly rights: ListedRights;
  }) {
    this.#descriptor = options.descriptor;
    this.#rootPath = options.rootPath;
    this.permissions = new EntryPermissions(options.rights);
  }

  /** Starts to read the entries. */
  open(): Dir {
    return opendirSync(this.#path, { encoding: 'latin1', bufferSize: READ_ENTRIES });
  }

  /**
   * Kind of an entry; for a symbolic link, the kind of its target.
   *
   * @returns undefined if the entry is gone or the link is dangling, leads out of the root or to something that the
   *   client may not see.
   */
  entryFacts(name: ByteName): FileFacts | undefined {
    const facts = entryFacts(this.#descriptor, name);
    return facts?.kind === 'symlink' ? this.#targetFacts(name) : facts;
  }

  /** The facts of a partial upload, if it is to be seen under its name. */
  stagedFacts(
    name: ByteName,
    entry: StagedEntry,
    stagingPaths: readonly string[],
  ): FileFacts | undefined {
    try {
      const path = Buffer.from(`${this.#path}/${name}`, 'latin1');
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stagedFacts({ name, stats }, entry, stagingPaths);
    } catch {
      return undefined;
    }
  }

  get #path(): string {
    return `/proc/self/fd/${this.#descriptor}`;
  }

  /** Follows a link first and checks its target afterwards, so that the link cannot be changed in between. */
  #targetFacts(name: ByteName): FileFacts | undefined {
    try {
      const target = openSync(Buffer.from(`${this.#path}/${name}`, 'latin1'), O_PATH);
      try {
        const targetPath = readlinkSync(`/proc/self/fd/${target}`, 'latin1');
        const rootPath = byteName(this.#rootPath);
        const isInside = targetPath === rootPath || targetPath.startsWith(`${rootPath}/`);
        if (!isInside) return undefined;
        const place = `/${targetPath.slice(rootPath.length + 1)}`;
        if (hasStagingDirectory(place)) return undefined;
        return this.#linkedFacts(
          nameText(place) as VirtualPath,
          fileFacts(name, fstatSync(target)),
        );
      } finally {
        closeSync(target);
      }
    } catch {
      return undefined;
    }
  }

  #linkedFacts(place: VirtualPath, facts: FileFacts): FileFacts | undefined {
    if (this.permissions.isHiddenTarget(place)) return undefined;
    const targetRights = this.permissions.targetRights(place);
    return targetRights === undefined ? facts : { ...facts, targetRights };
  }
}
