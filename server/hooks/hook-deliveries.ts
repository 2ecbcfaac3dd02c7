import type { Logger } from 'pino';
import type { HookDelivery, HookRepository } from '../../db/hook-repository.ts';
import type { Programs } from '../programs/program-run.ts';
import { formatHook, type Hook } from './hook.ts';
import type { HookEvent } from './hook-event.ts';
import { targetText } from './hook-target.ts';
import { type HookRun, runHook } from './run-hook.ts';

const MAX_AT_ONCE = 4;

/** Deliveries that are read at a time. As many may be made again after a crash. */
const PAGE = 64;

const NOT_WRITTEN = 'the result of a hook could not be written down; trying again';

const FIRST_RETRY_MS = 10_000;
const MAX_RETRY_MS = 3_600_000;
/** With these, the last attempt is about a day after the first. */
const MAX_ATTEMPTS = 32;

export interface HookDeliveriesDeps {
  /** Key of signatures, which may change; empty where no hook needs one. */
  readonly secret: string;
  /** May change. */
  readonly timeoutMs: number;
  readonly deliveries: HookRepository;
  /** Where a file of an account lies on the disk. */
  readonly fileOf: (username: string, path: string) => Promise<string | undefined>;
  readonly programs: Pick<Programs, 'run'>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now: () => number;
}

type FailedAttempt = Parameters<HookRepository['failed']>[1];

/** The deliveries to one hook: a few at once, so that a slow hook delays no other. */
export class HookDeliveries {
  readonly #hook: Hook;
  readonly #deps: HookDeliveriesDeps;
  readonly #running = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #page: HookDelivery[] = [];
  /** Delivered, but still in the database. */
  readonly #done = new Set<number>();
  /** Attempts that have failed, by delivery, as long as the database has not taken them. */
  readonly #failed = new Map<number, FailedAttempt>();
  #turning: Promise<void> | undefined;

  constructor(hook: Hook, deps: HookDeliveriesDeps) {
    this.#hook = hook;
    this.#deps = deps;
  }

  /** Starts what is due. */
  look(): void {
    if (this.#stopping.signal.aborted) return;
    while (this.#running.size < MAX_AT_ONCE) {
      const delivery = this.#page.shift();
      if (delivery === undefined) break;
      this.#running.set(delivery.id, this.#deliver(delivery));
    }
    if (this.#running.size < MAX_AT_ONCE) this.#turnPage();
  }

  /** Ends what is running; it is delivered after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#turning;
    await Promise.all(this.#running.values());
    await this.#writeResults().catch((err: unknown) => this.#deps.log.error({ err }, NOT_WRITTEN));
  }

  #turnPage(): void {
    this.#turning ??= this.#readPage()
      .catch((err: unknown) => {
        this.#deps.log.error({ err }, 'deliveries to hooks could not be read; trying again');
      })
      .finally(() => {
        this.#turning = undefined;
        if (this.#page.length > 0) this.look();
      });
  }

  async #readPage(): Promise<void> {
    const { deliveries, now } = this.#deps;
    await this.#writeResults();
    const limit = PAGE + this.#running.size;
    const due = await deliveries.due(formatHook(this.#hook), { nowMs: now(), limit });
    const known = [this.#running, this.#done, this.#failed];
    this.#page = due.filter(({ id }) => !known.some((ids) => ids.has(id)));
  }

  async #writeResults(): Promise<void> {
    for (const [id, attempt] of this.#failed) {
      await this.#deps.deliveries.failed(id, attempt);
      this.#failed.delete(id);
    }
    const ids = [...this.#done];
    if (ids.length === 0) return;
    await this.#deps.deliveries.succeeded(ids);
    for (const id of ids) this.#done.delete(id);
  }

  async #deliver(delivery: HookDelivery): Promise<void> {
    try {
      await this.#attempt(delivery);
    } catch (err) {
      this.#deps.log.error({ err }, NOT_WRITTEN);
    }
    this.#running.delete(delivery.id);
    this.look();
  }

  async #attempt({ id, event: text, attempts }: HookDelivery): Promise<void> {
    const { now } = this.#deps;
    const event = JSON.parse(text) as HookEvent;
    try {
      await runHook(this.#hook.target, await this.#runOf(event));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const { message: reason } = error as Error;
      const nextAtMs = nextAttemptMs(attempts + 1, now());
      this.#report(event, { reason, isLast: nextAtMs === undefined });
      await this.#writeFailure(id, { error: reason, nextAtMs });
      return;
    }
    this.#done.add(id);
  }

  async #writeFailure(id: number, attempt: FailedAttempt): Promise<void> {
    try {
      await this.#deps.deliveries.failed(id, attempt);
    } catch (error) {
      // The delivery is still due in the database, and would be made again at once.
      this.#failed.set(id, attempt);
      throw error;
    }
  }

  async #runOf(event: HookEvent): Promise<HookRun> {
    const { secret, timeoutMs, now, fileOf, programs } = this.#deps;
    const { username, path } = event;
    const file = path === undefined ? undefined : await fileOf(username, path);
    const stop = this.#stopping.signal;
    return { event, file, secret, timeoutMs, nowMs: now(), stop, programs };
  }

  #report({ event, id }: HookEvent, failure: { reason: string; isLast: boolean }): void {
    const { reason, isLast } = failure;
    const facts = { hook: targetText(this.#hook.target), event, id, reason };
    this.#deps.log.warn(facts, isLast ? 'hook failed; no further attempt' : 'hook failed');
  }
}

/** Undefined after the last attempt. */
function nextAttemptMs(attempts: number, nowMs: number): number | undefined {
  if (attempts >= MAX_ATTEMPTS) return undefined;
  return nowMs + Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
}
