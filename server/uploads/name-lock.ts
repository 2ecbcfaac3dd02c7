import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { Semaphore } from '../scheduling/semaphore.ts';

/**
 * Held while a name of an account changes: sizes are read and names are changed in one step, so that two uploads that
 * replace the same file do not both give back its space. The ledger knows of the change before it happens.
 */
export class NameLock {
  /** Number of changes of names. */
  version = 0;
  readonly #lock = new Semaphore(1);
  readonly #ledger: Pick<QuotaLedger, 'change'>;
  readonly #accountId: number;

  constructor(accountId: number, ledger: Pick<QuotaLedger, 'change'>) {
    this.#accountId = accountId;
    this.#ledger = ledger;
  }

  /** Runs a change after those that came before it. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#lock.run(() => this.#ledger.change(this.#accountId, task));
  }
}
