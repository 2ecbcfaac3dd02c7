import type { NewHookDelivery } from '../../db/hook-repository.ts';
import type { Programs } from '../programs/program-run.ts';
import { formatHook, type Hook } from './hook.ts';
import { HookDeliveries, type HookDeliveriesDeps } from './hook-deliveries.ts';
import { eventText, type NewHookEvent } from './new-deliveries.ts';

/** Time that an event waits for others, to be written with them. */
const BATCH_MS = 50;
/** Deliveries that are kept while the database takes none. */
const MAX_WAITING = 10_000;

/** Looks for deliveries that have come due, or that a command has made due, are this far apart. */
const LOOK_EVERY_MS = 1000;

/** Deliveries that still fail are removed after this time. */
const KEEP_MS = 30 * 86_400_000;

interface Deps extends HookDeliveriesDeps {
  readonly hooks: readonly Hook[];
  readonly programs: Programs;
}

interface Line {
  readonly name: string;
  readonly events: readonly string[];
  readonly isProgram: boolean;
  readonly deliveries: HookDeliveries;
}

/**
 * Tells programs and URLs of events, never in the way of a transfer: events are first written to the database, in
 * batches, and delivered from there. What fails is tried again, later and later. A crash in the middle of a delivery has it
 * made again, with the same id.
 */
export class Hooks {
  readonly #deps: Deps;
  #lines: readonly Line[];
  readonly #waiting: NewHookDelivery[] = [];
  #dropped = 0;
  #batchTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #state: 'new' | 'started' | 'stopping' = 'new';
  /** Deliveries to hooks that a reload has removed, until they have ended. */
  #ending: Promise<unknown> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#lines = deps.hooks.map((hook) => this.#lineOf(hook));
  }

  /** Takes over other hooks. Those that stay go on; what waits for those that are gone waits for their return. */
  use(hooks: readonly Hook[]): void {
    const before = this.#lines;
    const kept = new Map(before.map((line) => [line.name, line]));
    this.#lines = hooks.map((hook) => kept.get(formatHook(hook)) ?? this.#lineOf(hook));
    const gone = before.filter((line) => !this.#lines.includes(line));
    const ended = gone.map(({ deliveries }) => deliveries.stop());
    this.#ending = Promise.all([this.#ending, ...ended]);
    if (this.#state === 'started') this.#lookRegularly();
  }

  /** Queues an event for the hooks that are told of it. */
  add(event: NewHookEvent): void {
    const lines = this.#lines.filter(({ events }) => events.includes(event.event));
    if (lines.length === 0) return;
    const createdAtMs = this.#deps.now();
    const text = eventText(event, createdAtMs);
    for (const { name } of lines) {
      if (this.#waiting.length >= MAX_WAITING) this.#dropped += 1;
      else this.#waiting.push({ hook: name, event: text, createdAtMs });
    }
    this.#writeIn(BATCH_MS);
  }

  start(): void {
    this.#state = 'started';
    this.#lookRegularly();
  }

  /** Writes down what is left, and ends what is running; it is delivered after the next start. */
  async stop(): Promise<void> {
    this.#state = 'stopping';
    clearInterval(this.#lookTimer);
    await Promise.all(this.#lines.map(({ deliveries }) => deliveries.stop()));
    await this.#ending;
    this.#deps.programs.close();
    await this.#write();
  }

  #lineOf(hook: Hook): Line {
    const deliveries = new HookDeliveries(hook, this.#deps);
    const isProgram = hook.target.kind === 'program';
    return { name: formatHook(hook), events: hook.events, isProgram, deliveries };
  }

  #lookRegularly(): void {
    if (this.#lines.length === 0) return;
    const needsPrograms = this.#lines.some(({ isProgram }) => isProgram);
    if (needsPrograms) this.#deps.programs.prepare();
    if (this.#lookTimer === undefined) {
      void this.#removeOld();
      this.#lookTimer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    }
    this.#look();
  }

  #look(): void {
    for (const { deliveries } of this.#lines) deliveries.look();
  }

  #writeIn(ms: number): void {
    if (this.#state !== 'stopping')
      this.#batchTimer ??= setTimeout(() => void this.#write(), ms).unref();
  }

  #write(): Promise<void> {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    this.#writing = this.#writing.then(() => this.#writeWaiting());
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting.splice(0);
    if (batch.length === 0) return;
    const { deliveries, log } = this.#deps;
    try {
      await deliveries.add(batch);
      if (this.#dropped > 0)
        log.error({ events: this.#dropped }, 'events did not reach their hooks: too many waited');
      this.#dropped = 0;
      this.#look();
    } catch (err) {
      log.error({ err }, 'events for hooks could not be written down; trying again');
      this.#waiting.unshift(...batch);
      this.#writeIn(LOOK_EVERY_MS);
    }
  }

  async #removeOld(): Promise<void> {
    const { deliveries, log, now } = this.#deps;
    try {
      const removed = await deliveries.removeBefore(now() - KEEP_MS);
      if (removed > 0) log.warn({ events: removed }, 'events that no hook took in 30 days removed');
    } catch (err) {
      log.error({ err }, 'old events of hooks could not be removed');
    }
  }
}
