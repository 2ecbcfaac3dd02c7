import { DatabaseBusyError, isBusy } from './database-error.ts';

const FIRST_RETRY_MS = 2;
const MAX_RETRY_MS = 50;

interface Waiter {
  /** Settles the waiter's promise. @returns false if the database is still locked. */
  readonly attempt: () => boolean;
  readonly giveUp: () => void;
  readonly deadlineMs: number;
  /** Reads do not need the write lock: they wait for a transaction of this process only. */
  readonly kind: 'read' | 'write';
}

/**
 * Runs statements on one SQLite connection without ever blocking the event loop on a lock.
 *
 * Another process that writes makes SQLite answer SQLITE_BUSY at once. Writes then wait in line, and a timer
 * tries the first one again; reads go on, since WAL never locks them out. A transaction of this process holds back
 * everything else, as all would become part of it.
 */
export class LockQueue {
  /** Time that a statement waits for the lock before it fails. */
  patienceMs: number;
  readonly #waiting = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isInTransaction = false;

  constructor({ patienceMs }: { readonly patienceMs: number }) {
    this.patienceMs = patienceMs;
  }

  /**
   * Runs a statement as soon as the lock permits.
   *
   * @throws DatabaseBusyError after {@link patienceMs}.
   */
  async run<Result>(kind: Waiter['kind'], statement: () => Result): Promise<Result> {
    if (!this.#mustWait(kind)) {
      try {
        return statement();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    return await this.#wait(kind, statement);
  }

  /** Begins a transaction, which all other statements then wait for. */
  begin(statement: () => void): Promise<void> {
    return this.run('write', () => {
      statement();
      this.#isInTransaction = true;
    });
  }

  /** Ends the transaction, whether or not the statement succeeds. */
  end(statement: () => void): void {
    try {
      statement();
    } finally {
      this.#isInTransaction = false;
      this.#tryWaiting();
    }
  }

  #mustWait(kind: Waiter['kind']): boolean {
    return this.#isInTransaction || (kind === 'write' && this.#waiting.size > 0);
  }

  #wait<Result>(kind: Waiter['kind'], statement: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        try {
          resolve(statement());
        } catch (error) {
          if (isBusy(error)) return false;
          reject(error);
        }
        return true;
      };
      const giveUp = () =>
        reject(new DatabaseBusyError('The database is locked by another process.'));
      const deadlineMs = performance.now() + this.patienceMs;
      this.#waiting.add({ attempt, giveUp, deadlineMs, kind });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isInTransaction) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tryWaiting();
    }, this.#retryMs);
  }

  #tryWaiting(): void {
    let isLocked = false;
    for (const waiter of this.#waiting) {
      if (this.#isInTransaction) return;
      if ((!isLocked || waiter.kind === 'read') && waiter.attempt()) this.#waiting.delete(waiter);
      else isLocked = true;
    }
    this.#retryMs = isLocked ? Math.min(this.#retryMs * 2, MAX_RETRY_MS) : FIRST_RETRY_MS;
    this.#dropOverdue();
    if (this.#waiting.size > 0) this.#schedule();
  }

  #dropOverdue(): void {
    const nowMs = performance.now();
    for (const waiter of this.#waiting) {
      if (waiter.deadlineMs > nowMs) continue;
      this.#waiting.delete(waiter);
      waiter.giveUp();
    }
  }
}
