import { readdirSync } from 'node:fs';
import type { Settings } from '../config/settings.ts';
import { StartError } from '../errors/start-error.ts';
import { openFilesLimit } from '../system/open-files-limit.ts';

/** Files that the server has open itself: database, logs, listeners and what Node needs. */
const OWN_FILES = 64;

/** Files that sessions can still open for transfers when no more sessions are accepted. */
const RESERVED_FILES = 32;

/**
 * Checks that the process can open a control connection for each session. Transfers need more files: `doctor` reports
 * that.
 *
 * @throws StartError
 */
export function requireOpenFiles(
  { maxSessions }: Pick<Settings, 'maxSessions'>,
  limit = openFilesLimit(),
): void {
  const possible = (limit ?? Infinity) - OWN_FILES - RESERVED_FILES;
  if (possible >= maxSessions) return;
  const needed = maxSessions + OWN_FILES + RESERVED_FILES;
  const lower = possible > 0 ? `, or set --max-sessions to ${possible} or less` : '';
  throw new StartError(
    `--max-sessions ${maxSessions} needs ${needed} open files at least, and the system permits ${limit}: raise the limit (ulimit -n, or LimitNOFILE= of the service)${lower}.`,
    { exitCode: 78 },
  );
}

/** Counting takes the system longer the more files there are. */
const COUNT_EVERY_MS = 100;

/** Notices when only the last descriptors are left, which transfers need. */
export class OpenFiles {
  readonly #limit = openFilesLimit() ?? Infinity;
  readonly #now: () => number;
  #countedAtMs = -Infinity;
  #count = 0;

  constructor(options: { readonly now?: () => number } = {}) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** Asked for each connection that has been accepted. */
  get areShort(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#countedAtMs < COUNT_EVERY_MS) {
      this.#count += 1;
    } else {
      this.#countedAtMs = nowMs;
      this.#count = this.#counted();
    }
    return this.#count > this.#limit - RESERVED_FILES;
  }

  /** Counting needs a descriptor, too. */
  #counted(): number {
    try {
      return readdirSync('/proc/self/fd').length;
    } catch {
      return this.#limit;
    }
  }
}
