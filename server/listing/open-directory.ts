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
import { type ByteName, byteName } from '../system/byte-name.ts';
import { type FileFacts, fileFacts } from '../system/file-facts.ts';
import { O_PATH } from '../system/node-internals.ts';
import { entryFacts } from './entry-facts.ts';
import { type StagedEntry, stagedFacts } from './partial-entries.ts';

/** Number of entries that one system call may return. */
const READ_ENTRIES = 2048;

/** A directory that was opened and checked, and may be renamed or replaced at any time since. */
export class OpenDirectory {
  readonly #descriptor: number;
  readonly #rootPath: string;

  constructor(options: { readonly descriptor: number; readonly rootPath: string }) {
    this.#descriptor = options.descriptor;
    this.#rootPath = options.rootPath;
  }

  /** Starts to read the entries. */
  open(): Dir {
    return opendirSync(this.#path, { encoding: 'latin1', bufferSize: READ_ENTRIES });
  }

  /**
   * Kind of an entry; for a symbolic link, the kind of its target.
   *
   * @returns undefined if the entry is gone or the link is dangling or leads out of the root.
   */
  entryFacts(name: ByteName): FileFacts | undefined {
    const facts = entryFacts(this.#descriptor, name);
    return facts?.kind === 'symlink' ? this.#targetFacts(name) : facts;
  }

  /** The facts of a partial upload, if it is to be seen under its name. */
  stagedFacts(name: ByteName, entry: StagedEntry, stagingPath: string): FileFacts | undefined {
    try {
      const path = Buffer.from(`${this.#path}/${name}`, 'latin1');
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stagedFacts({ name, stats }, entry, stagingPath);
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
        const isHidden = hasStagingDirectory(targetPath.slice(rootPath.length));
        return isInside && !isHidden ? fileFacts(name, fstatSync(target)) : undefined;
      } finally {
        closeSync(target);
      }
    } catch {
      return undefined;
    }
  }
}
