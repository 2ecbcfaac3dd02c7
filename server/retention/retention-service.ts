import type { RetentionAccount, RetentionRepository } from '../../db/retention-repository.ts';
import { namedIn, type SweepDeps, type SweptAccount, sweepAccount } from './sweep-account.ts';

const SWEEP_EVERY_MS = 3_600_000;

/** Accounts of one statement. */
const PAGE_ACCOUNTS = 256;

/** Files that the result of a run names at most. */
const MAX_NAMED_FILES = 1000;

interface RetentionServiceDeps extends SweepDeps {
  readonly rules: Pick<RetentionRepository, 'listAfter' | 'findByUsername'>;
  readonly now: () => number;
}

interface RunOptions {
  /** An account; without it, all accounts that have rules. */
  readonly username?: string | undefined;
  /** `look`: nothing is deleted. */
  readonly mode: 'delete' | 'look';
}

/** Deletes files that have been in place for the time that the rules of their accounts set. */
export class RetentionService {
  readonly #deps: RetentionServiceDeps;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** Time of the clock at the start and then at each sweep. */
  #lastLookMs = 0;
  #sweeping: Promise<unknown> = Promise.resolve();

  constructor(deps: RetentionServiceDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#lastLookMs = this.#deps.now();
    this.#timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS).unref();
  }

  /** Ends a sweep that is running. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#sweeping;
  }

  /**
   * Deletes what two looks in a row, an hour apart, find too old: a clock that is wrong for a moment, above all after a
   * start, deletes nothing.
   */
  async sweep(): Promise<void> {
    const lookMs = this.#deps.now();
    const nowMs = Math.min(this.#lastLookMs, lookMs);
    this.#lastLookMs = lookMs;
    await this.#inTurn(() => this.#run({ mode: 'delete' }, nowMs)).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#deps.log.failed({}, error);
    });
  }

  /** Does, or only shows, at once what the next sweep does. Accounts without anything to delete are left out. */
  run(options: RunOptions): Promise<readonly SweptAccount[]> {
    const run = () => this.#run(options, this.#deps.now());
    return options.mode === 'look' ? run() : this.#inTurn(run);
  }

  /** Sweeps run one after another. */
  #inTurn<Result>(sweep: () => Promise<Result>): Promise<Result> {
    const sweeping = this.#sweeping.then(sweep);
    this.#sweeping = sweeping.catch(() => {});
    return sweeping;
  }

  async #run({ username, mode }: RunOptions, nowMs: number): Promise<readonly SweptAccount[]> {
    const swept: SweptAccount[] = [];
    const { signal } = this.#stopping;
    let maxNamed = MAX_NAMED_FILES;
    for await (const account of this.#accounts(username)) {
      signal.throwIfAborted();
      const one = await sweepAccount(this.#deps, account, { mode, nowMs, maxNamed, signal });
      const found = [...one.rules, ...one.oldestFirst];
      maxNamed -= namedIn(found);
      if (one.problem !== undefined || found.length > 0) swept.push(one);
    }
    return swept;
  }

  async *#accounts(username: string | undefined): AsyncGenerator<RetentionAccount, void> {
    const { rules } = this.#deps;
    if (username !== undefined) {
      const account = await rules.findByUsername(username);
      if (account !== undefined) yield account;
      return;
    }
    for (let afterId = 0; ; ) {
      const page = await rules.listAfter(afterId, PAGE_ACCOUNTS);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      afterId = last.id;
    }
  }
}
