import { EventEmitter } from 'node:events';
import type { Failure } from '../../errors/failure.ts';
import { connectionLost, isFailure, isNetworkFailure } from '../remote-failure.ts';
import type { Capabilities } from './capabilities.ts';
import { CommandLock } from './command-lock.ts';
import type { ControlConnection } from './control-connection.ts';

/** A control connection that is logged in. */
export interface LoggedIn {
  readonly control: ControlConnection;
  readonly capabilities: Capabilities;
}

export interface Reconnecting {
  readonly attempt: number;
  readonly attempts: number;
  /** Until the attempt. */
  readonly delayMs: number;
}

/** What a screen may want to know of the connection. */
export interface SessionEvents {
  lost: [failure: Failure];
  reconnecting: [Reconnecting];
  /** No further attempts until the next task. */
  gaveUp: [reason: unknown];
  restored: [];
}

export interface LinkOptions {
  /** Connects and logs in. */
  readonly open: (signal?: AbortSignal) => Promise<LoggedIn>;
  /** How often to try when the connection is lost. */
  readonly attempts?: number | undefined;
}

export interface UseOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the task may be done again when the connection was lost during it: `reads` may, `writes` only
   * if the server has said that it did not do it, and `transfers` never.
   */
  readonly is: 'reads' | 'writes' | 'transfers';
}

const DEFAULT_ATTEMPTS = 8;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;
const MAX_REPEATS = 2;
/** Servers and routers drop connections that rest. */
const KEEP_ALIVE_CHECK_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 45_000;

/** A control connection that is used by one task at a time, kept alive, and made again when it is lost. */
export class SessionLink {
  readonly events = new EventEmitter<SessionEvents>();
  readonly #lock = new CommandLock();
  readonly #options: LinkOptions;
  #loggedIn: LoggedIn;
  #state: 'open' | 'closed' = 'open';
  #keepAlive: NodeJS.Timeout | undefined;
  #hurry: () => void = () => {};
  #stopTrying = new AbortController();

  constructor(loggedIn: LoggedIn, options: LinkOptions) {
    this.#options = options;
    this.#loggedIn = loggedIn;
    this.#listen();
  }

  get current(): LoggedIn {
    return this.#loggedIn;
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#loggedIn.control.isLost;
  }

  /** Whether another task waits for this one to end. */
  get lock(): Pick<CommandLock, 'isWanted' | 'wanted'> {
    return this.#lock;
  }

  use<Result>(task: (loggedIn: LoggedIn) => Promise<Result>, options: UseOptions): Promise<Result> {
    return this.#lock.run(() => this.#repeat(task, options), options.signal);
  }

  /** Sends NOOP when nothing else has been sent for a while. */
  keepAlive(): void {
    this.#keepAlive = setInterval(() => this.#noop(), KEEP_ALIVE_CHECK_MS).unref();
  }

  /** Does not wait any longer for the next attempt to connect. */
  retryNow(): void {
    this.#hurry();
  }

  /** Makes what waits for the connection fail. */
  stopRetrying(): void {
    this.#stopTrying.abort(connectionLost('The connection is lost'));
    this.#stopTrying = new AbortController();
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#keepAlive);
    this.stopRetrying();
    if (this.#lock.isBusy) this.#loggedIn.control.close();
    else await this.#loggedIn.control.quit();
  }

  async #repeat<Result>(
    task: (loggedIn: LoggedIn) => Promise<Result>,
    { is, signal }: UseOptions,
  ): Promise<Result> {
    for (let repeats = 0; ; repeats += 1) {
      const loggedIn = this.isOpen ? this.#loggedIn : await this.#connected(signal);
      try {
        return await task(loggedIn);
      } catch (error) {
        const wasLost = loggedIn.control.isLost && isNetworkFailure(error);
        if (!wasLost || repeats >= MAX_REPEATS || this.#state === 'closed') throw error;
        const wasNotDone = is === 'reads' || (is === 'writes' && error.code === 421);
        if (!wasNotDone) throw error;
      }
    }
  }

  async #connected(signal: AbortSignal | undefined): Promise<LoggedIn> {
    if (this.#state === 'closed') throw connectionLost('The connection was closed');
    if (this.#loggedIn.control.isLost) {
      try {
        this.#loggedIn = await this.#reconnect(signal);
      } catch (error) {
        this.events.emit('gaveUp', error);
        throw error;
      }
      this.#listen();
      this.events.emit('restored');
    }
    return this.#loggedIn;
  }

  async #reconnect(signal: AbortSignal | undefined): Promise<LoggedIn> {
    const { open, attempts = DEFAULT_ATTEMPTS } = this.#options;
    const stop = anyOf(signal, this.#stopTrying.signal);
    for (let attempt = 1; ; attempt += 1) {
      const delayMs =
        attempt === 1 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (attempt - 2), LONGEST_DELAY_MS);
      this.events.emit('reconnecting', { attempt, attempts, delayMs });
      await this.#wait(delayMs, stop);
      try {
        return await open(stop);
      } catch (error) {
        stop.throwIfAborted();
        const mayHelp = isFailure(error) && (error.kind === 'network' || error.isTransient);
        if (!mayHelp || attempt >= attempts) throw error;
      }
    }
  }

  async #wait(delayMs: number, stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    if (delayMs === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
      stop.addEventListener('abort', this.#hurry, { once: true });
    });
    stop.throwIfAborted();
  }

  #listen(): void {
    this.#loggedIn.control.onLost((failure) => {
      if (this.#state === 'open') this.events.emit('lost', failure);
    });
  }

  #noop(): void {
    const { control } = this.#loggedIn;
    const restsMs = Date.now() - control.lastUsedMs;
    if (control.isLost || this.#lock.isBusy || restsMs < KEEP_ALIVE_AFTER_MS) return;
    void this.#lock.run(() => control.ask('NOOP')).catch(() => {});
  }
}

function anyOf(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal === undefined ? other : AbortSignal.any([signal, other]);
}
