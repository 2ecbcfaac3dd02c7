import {
  closeSync,
  type Dir,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { type ByteName, byteName, entryPath } from './byte-name.ts';

/** Opens what a path names without reading or waiting for it (Linux; Node has no name for it). */
const O_PATH = 0o10000000;

/** How many entries one call of the system may bring. */
const READ_ENTRIES = 2048;

const MISSING_IS_UNDEFINED = { throwIfNoEntry: false } as const;

/**
 * A directory that was opened and checked, and may be renamed or replaced at any time since.
 *
 * Its path is half as expensive as its descriptor, and used as long as it still leads to the same place.
 */
export class OpenDirectory {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #rootPath: string;

  constructor(options: {
    readonly directoryPath: string;
    readonly descriptor: number;
    readonly rootPath: string;
  }) {
    this.#path = options.directoryPath;
    this.#descriptor = options.descriptor;
    this.#rootPath = options.rootPath;
  }

  stats(): Stats {
    return fstatSync(this.#descriptor);
  }

  /** Starts to read the entries. */
  open(): Dir {
    return opendirSync(this.#descriptorPath, { encoding: 'latin1', bufferSize: READ_ENTRIES });
  }

  /**
   * Does something with a path that leads to this directory, and again through the descriptor if
   * the directory was moved meanwhile.
   */
  withPath<Result>(use: (directoryPath: string) => Result): Result {
    if (this.#isAtPath()) {
      const result = use(this.#path);
      if (this.#isAtPath()) return result;
    }
    return use(this.#descriptorPath);
  }

  /**
   * What an entry is; a symbolic link is what it leads to.
   *
   * @returns undefined if the entry is gone or the link leads nowhere or out of the root.
   */
  entryStats(directoryPath: string, name: ByteName): Stats | undefined {
    const path = entryPath(directoryPath, name);
    try {
      const stats = lstatSync(path, MISSING_IS_UNDEFINED);
      return stats?.isSymbolicLink() ? this.#targetStats(path) : stats;
    } catch {
      return undefined;
    }
  }

  get #descriptorPath(): string {
    return `/proc/self/fd/${this.#descriptor}`;
  }

  #isAtPath(): boolean {
    const there = lstatSync(this.#path, MISSING_IS_UNDEFINED);
    const here = this.stats();
    return there?.ino === here.ino && there.dev === here.dev;
  }

  /** Follows a link first and then asks where it has led, so that nobody can turn it in between. */
  #targetStats(path: string | Buffer): Stats | undefined {
    const target = openSync(path, O_PATH);
    try {
      const targetPath = readlinkSync(`/proc/self/fd/${target}`, 'latin1');
      const rootPath = byteName(this.#rootPath);
      const isInside = targetPath === rootPath || targetPath.startsWith(`${rootPath}/`);
      return isInside ? fstatSync(target) : undefined;
    } finally {
      closeSync(target);
    }
  }
}
