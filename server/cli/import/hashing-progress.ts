import type { PlannedAccount } from '../../accounts/import/import-plan.ts';
import { isSlowToStore } from '../../accounts/import/stored-password.ts';

const INTERVAL_MS = 200;
const CLEAR_LINE = '\r\x1b[K';

/** Shows on a terminal how many passwords have been hashed. */
export class HashingProgress {
  readonly #terminal: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly #passwords: number;
  #hashed = 0;
  #shownAtMs = 0;

  constructor(terminal: NodeJS.WritableStream, planned: readonly PlannedAccount[]) {
    this.#terminal = terminal;
    this.#passwords = planned.filter(({ account }) => isSlowToStore(account.password)).length;
  }

  step(): void {
    this.#hashed += 1;
    const nowMs = performance.now();
    if (this.#terminal.isTTY !== true || nowMs - this.#shownAtMs < INTERVAL_MS) return;
    this.#shownAtMs = nowMs;
    this.#terminal.write(`${CLEAR_LINE}Hashing passwords: ${this.#hashed} of ${this.#passwords}`);
  }

  end(): void {
    if (this.#shownAtMs > 0) this.#terminal.write(CLEAR_LINE);
  }
}
