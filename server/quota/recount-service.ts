import type { Logger } from 'pino';
import { DatabaseBusyError } from '../../db/database-error.ts';
import type { Database } from '../../db/open-database.ts';
import type {
  RecountedAccount,
  RecountRepository,
  RecountResult,
} from '../../db/recount-repository.ts';
import type { TreePass } from '../disk/tree-size-task.ts';
import { type AccountRecount, RecountFailedError } from './account-recount.ts';

const LOOK_EVERY_MS = 500;

/** Looks for an account that is due are this far apart. */
const DUE_EVERY_MS = 60_000;

interface Deps {
  readonly recounts: RecountRepository;
  readonly recount: Pick<AccountRecount, 'run'>;
  readonly database: Pick<Database, 'dataVersion'>;
  readonly log: Logger;
  readonly now: () => number;
  /** Time from one recount of an account to the next; 0: only on request. */
  readonly everyMs: number;
}

/**
 * Recounts accounts while the server runs: on request of `myftp-server user recount`, which writes its request into
 * the database; slowly and one at a time when an account's next recount is due; an account that got back more
 * than it was charged for; and, after an upgrade, accounts whose entries have never been counted.
 */
export class RecountService {
  readonly #deps: Deps;
  readonly #suspects = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #seenVersion = -1;
  #nextDueLookMs = 0;
  /** Whether the suspects include accounts whose entries an earlier version has not counted. */
  #hasFoundUncounted = false;
  readonly #stopping = new AbortController();
  /** A result that the database has not taken yet. */
  #unwritten: { id: number; account: RecountedAccount; result: RecountResult } | undefined;
  #requested: Promise<void> | undefined;
  #slow: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Recounts an account soon: what it is charged for cannot be right. */
  suspect(accountId: number): void {
    this.#suspects.add(accountId);
  }

  /** Ends recounts that are running; they change nothing. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await Promise.all([this.#requested, this.#slow]);
  }

  #look(): void {
    this.#requested ??= this.#serveRequests().finally(() => {
      this.#requested = undefined;
    });
    this.#slow ??= this.#recountSlowly().finally(() => {
      this.#slow = undefined;
    });
  }

  async #serveRequests(): Promise<void> {
    const { database, recounts, now } = this.#deps;
    try {
      await this.#writeDown();
      const version = database.dataVersion();
      if (version === this.#seenVersion) return;
      for (;;) {
        this.#stopping.signal.throwIfAborted();
        const request = await recounts.startNext(now());
        if (request === undefined) break;
        const result = await this.#recount(request.account, 'fast');
        this.#unwritten = { ...request, result };
        await this.#writeDown();
      }
      this.#seenVersion = version;
    } catch (err) {
      this.#onError(err, 'requests for recounts could not be served; trying again');
    }
  }

  /** Writes a result into its request, also one that the database did not accept before. */
  async #writeDown(): Promise<void> {
    if (this.#unwritten === undefined) return;
    const { recounts, now } = this.#deps;
    const { id, account, result } = this.#unwritten;
    await recounts.recordRecount(account.id, result, now());
    await recounts.finish(id, result, now());
    this.#unwritten = undefined;
  }

  async #recountSlowly(): Promise<void> {
    const { recounts, now } = this.#deps;
    try {
      for (;;) {
        this.#stopping.signal.throwIfAborted();
        const account = await this.#nextForSlow();
        if (account === undefined) return;
        const result = await this.#recount(account, 'slow');
        // Also a failure counts: otherwise one account that always fails would keep the others from their turn.
        await recounts.recordRecount(account.id, result, now());
      }
    } catch (err) {
      this.#onError(err, 'accounts could not be recounted; trying again');
    }
  }

  /** A database that another process has locked is tried again without a word, as everywhere. */
  #onError(err: unknown, message: string): void {
    if (this.#stopping.signal.aborted || err instanceof DatabaseBusyError) return;
    this.#deps.log.error({ err }, message);
  }

  async #nextForSlow(): Promise<RecountedAccount | undefined> {
    const { recounts, everyMs, now } = this.#deps;
    if (!this.#hasFoundUncounted) {
      for (const accountId of await recounts.findUncounted()) this.#suspects.add(accountId);
      this.#hasFoundUncounted = true;
    }
    const [suspect] = this.#suspects;
    if (suspect !== undefined) {
      this.#suspects.delete(suspect);
      return (await recounts.findAccount(suspect)) ?? this.#nextForSlow();
    }
    if (everyMs === 0 || performance.now() < this.#nextDueLookMs) return undefined;
    const due = await recounts.findDue(now() - everyMs);
    if (due === undefined) {
      this.#nextDueLookMs = performance.now() + Math.min(DUE_EVERY_MS, everyMs / 10);
    }
    return due;
  }

  async #recount(account: RecountedAccount, pace: TreePass['pace']): Promise<RecountResult> {
    const { recount, log } = this.#deps;
    const { username } = account;
    const { signal } = this.#stopping;
    try {
      const { before, after, home } = await recount.run(account, { pace, signal });
      const facts = { username, before, after };
      if (home.unread.count > 0) log.warn({ username, ...home.unread }, UNREAD_DIRECTORIES);
      const isAsBefore =
        before.bytes === after.bytes &&
        (before.entries === after.entries || account.hasCountedEntries === 0);
      if (isAsBefore) log.debug(facts, 'quota recounted');
      else log.warn(facts, 'quota corrected: files were changed from outside the server');
      return { kind: 'corrected', before, after, unreadDirectories: home.unread.count };
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, username }, 'quota could not be recounted');
      const problem =
        error instanceof RecountFailedError ? error.message : 'see the log of the server';
      return { kind: 'failed', problem };
    }
  }
}

/** Message of logs. */
export const UNREAD_DIRECTORIES =
  'directories of an account cannot be read; files in them are not counted';
