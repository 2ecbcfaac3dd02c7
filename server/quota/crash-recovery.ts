import type { Logger } from 'pino';
import type { AccountInDoubt, MemberRepository } from '../../db/member-repository.ts';
import type { RecountRepository } from '../../db/recount-repository.ts';
import type { AccountRecount } from './account-recount.ts';
import { UNREAD_DIRECTORIES } from './recount-service.ts';

/** Delay after which accounts that could not be measured are tried again. */
const RETRY_MS = 60_000;

interface Deps {
  readonly members: Pick<MemberRepository, 'accountsOfDead' | 'removeSettledDead'>;
  readonly recounts: Pick<RecountRepository, 'recordRecount'>;
  readonly recount: Pick<AccountRecount, 'run'>;
  readonly log: Logger;
  readonly now: () => number;
}

interface Waiting {
  readonly account: AccountInDoubt;
  readonly measured: Promise<void>;
  readonly onMeasured: () => void;
}

/**
 * Measures the accounts for which a server that crashed had reserved something, one after another while clients are
 * served. Until then they stay charged for it. If a machine has crashed, all accounts are measured, and each of them
 * takes no upload before: it may be charged for too little.
 */
export class CrashRecovery {
  readonly #deps: Deps;
  readonly #waiting = new Map<number, Waiting>();
  /** Accounts that a client waits for: they come first. */
  readonly #wanted = new Set<number>();
  readonly #stopping = new AbortController();
  #measuring: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Finds the accounts. Call it before clients are served. */
  async load(): Promise<void> {
    for (const account of await this.#deps.members.accountsOfDead()) {
      if (this.#waiting.has(account.id)) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.set(account.id, { account, measured: promise, onMeasured: resolve });
    }
  }

  start(): void {
    this.#measuring = this.#measureAll().catch((err: unknown) => this.#onError(err));
  }

  /** Resolves when the account has been measured, or cannot be; undefined if that is the case already. */
  measured(accountId: number): Promise<void> | undefined {
    const waiting = this.#waiting.get(accountId);
    if (waiting !== undefined) this.#wanted.add(accountId);
    return waiting?.measured;
  }

  /** The same for an account that may be charged for too little; undefined for others. */
  chargeKnown(accountId: number): Promise<void> | undefined {
    const isDoubtful = this.#waiting.get(accountId)?.account.mayBeUndercharged === 1;
    return isDoubtful ? this.measured(accountId) : undefined;
  }

  /** Ends the measurement that runs; the next start begins it again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#retry);
    await this.#measuring;
    for (const { onMeasured } of this.#waiting.values()) onMeasured();
  }

  async #measureAll(): Promise<void> {
    const { members, log } = this.#deps;
    const accounts = this.#waiting.size;
    const startMs = performance.now();
    let failed = 0;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (!(await this.#measure(next.account))) failed += 1;
      this.#waiting.delete(next.account.id);
      this.#wanted.delete(next.account.id);
      next.onMeasured();
    }
    await members.removeSettledDead();
    const ms = Math.round(performance.now() - startMs);
    if (accounts > 0) log.info({ accounts, failed, ms }, 'accounts measured after a crash');
    if (failed > 0) this.#tryLater();
  }

  #next(): Waiting | undefined {
    const [first = this.#waiting.keys().next().value] = this.#wanted;
    return first === undefined ? undefined : this.#waiting.get(first);
  }

  /** @returns false if it could not be measured; it stays charged for what was reserved. */
  async #measure(account: AccountInDoubt): Promise<boolean> {
    const { recount, recounts, log, now } = this.#deps;
    const { username } = account;
    const { signal } = this.#stopping;
    signal.throwIfAborted();
    try {
      const { before, after, home } = await recount.run(account, { pace: 'fast', signal });
      if (home.unread.count > 0) log.warn({ username, ...home.unread }, UNREAD_DIRECTORIES);
      log.debug({ username, before, after }, 'quota recounted after a crash');
      const unreadDirectories = home.unread.count;
      const result = { kind: 'corrected', before, after, unreadDirectories } as const;
      await recounts.recordRecount(account.id, result, now());
      return true;
    } catch (err) {
      signal.throwIfAborted();
      log.warn({ err, username }, 'account could not be measured after a crash; trying again');
      return false;
    }
  }

  #tryLater(): void {
    this.#retry = setTimeout(() => {
      this.#measuring = this.load()
        .then(() => this.#measureAll())
        .catch((err: unknown) => this.#onError(err));
    }, RETRY_MS).unref();
  }

  #onError(err: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#deps.log.error({ err }, 'accounts could not be measured after a crash; trying again');
    this.#tryLater();
  }
}
