import type { TransferConnection, TransferConnections } from '../data/transfer-connection.ts';
import { isFailure } from '../remote-failure.ts';

/** A connection of the pool, as `RemoteSession.openAnother` opens them. */
export interface PooledConnection extends TransferConnection {
  readonly isOpen: boolean;
  close(): Promise<void>;
}

interface PoolOptions {
  readonly open: (signal?: AbortSignal) => Promise<PooledConnection>;
  /** Connection that the server has let in already. It is used if the server accepts no other, and never closed. */
  readonly spare?: PooledConnection | undefined;
  readonly limit?: number;
  /** Time after which an unused connection is closed. */
  readonly idleMs?: number;
}

interface Idle {
  readonly connection: PooledConnection;
  readonly timer: NodeJS.Timeout;
}

interface Waiter {
  /** Counts up as tasks come. */
  readonly ticket: number;
  resolve(): void;
  reject(error: unknown): void;
}

const DEFAULT_LIMIT = 3;
const DEFAULT_IDLE_MS = 60_000;

/** Connections for transfers, opened when wanted. Who waits longest comes first. */
export class ConnectionPool implements TransferConnections {
  readonly #open: PoolOptions['open'];
  readonly #spare: PooledConnection | undefined;
  readonly #idleMs: number;
  readonly #idle: Idle[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #inUse = new Set<PooledConnection>();
  readonly #closing = new AbortController();
  #limit: number;
  /** Whether the server has refused every other connection. */
  #hasOnlySpare = false;
  #used = 0;
  #nextTicket = 0;

  constructor({ open, spare, limit = DEFAULT_LIMIT, idleMs = DEFAULT_IDLE_MS }: PoolOptions) {
    this.#open = open;
    this.#spare = spare;
    this.#limit = limit;
    this.#idleMs = idleMs;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Sets the number of connections from now on. */
  setLimit(limit: number): void {
    this.#limit = Math.max(1, limit);
    this.#hasOnlySpare = false;
    this.#wakeNext();
  }

  async use<Result>(
    task: (connection: TransferConnection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const ticket = this.#nextTicket;
    this.#nextTicket += 1;
    await this.#turn(ticket, signal);
    try {
      const connection = this.#rested() ?? (await this.#another(ticket, this.#stopFor(signal)));
      this.#inUse.add(connection);
      try {
        return await task(connection);
      } finally {
        this.#inUse.delete(connection);
        this.#keep(connection);
      }
    } finally {
      this.#used -= 1;
      this.#wakeNext();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The connections were closed'));
    const idle = this.#idle.splice(0);
    for (const { timer } of idle) clearTimeout(timer);
    const connections = [...idle.map(({ connection }) => connection), ...this.#inUse];
    const own = connections.filter((connection) => connection !== this.#spare);
    await Promise.all(own.map((connection) => connection.close()));
  }

  async #turn(ticket: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    if (this.#used < this.#limit && this.#waiting.length === 0) this.#used += 1;
    else await this.#wait(ticket, this.#stopFor(signal));
  }

  /** Of a task that has to wait; a signal made of two is too dear for one that has not. */
  #stopFor(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
  }

  #wait(ticket: number, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const waiter = { ticket, resolve, reject };
      const before = this.#waiting.findIndex((other) => other.ticket > ticket);
      this.#waiting.splice(before === -1 ? this.#waiting.length : before, 0, waiter);
      signal.addEventListener('abort', () => this.#leave(waiter, signal.reason), { once: true });
    });
  }

  #leave(waiter: Waiter, reason: unknown): void {
    const at = this.#waiting.indexOf(waiter);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    waiter.reject(reason);
  }

  #wakeNext(): void {
    while (this.#used < this.#limit) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      this.#used += 1;
      waiter.resolve();
    }
  }

  /** An open connection that is not in use, if there is one. */
  #rested(): PooledConnection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.connection.isOpen) return idle.connection;
      void idle.connection.close();
    }
    return undefined;
  }

  async #another(ticket: number, signal: AbortSignal): Promise<PooledConnection> {
    for (;;) {
      if (this.#hasOnlySpare && this.#spare?.isOpen === true) return this.#spare;
      try {
        return await this.#open(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#checkForWant(error);
        if (this.#used === 1) continue;
        await this.#waitForOther(ticket, signal);
        const rested = this.#rested();
        if (rested !== undefined) return rested;
      }
    }
  }

  /** @throws the error, unless the server has refused one connection more than it has let in. */
  #checkForWant(error: unknown): void {
    const isRefused = isFailure(error) && (error.code === 421 || error.code === 530);
    if (isRefused && this.#used > 1) return;
    if (!isRefused || this.#spare?.isOpen !== true) throw error;
    [this.#hasOnlySpare, this.#limit] = [true, 1];
  }

  /** From now on one fewer. The task waits again, before those that came later. */
  async #waitForOther(ticket: number, signal: AbortSignal): Promise<void> {
    this.#limit = Math.max(1, Math.min(this.#limit, this.#used) - 1);
    this.#used -= 1;
    try {
      await this.#wait(ticket, signal);
    } catch (error) {
      this.#used += 1;
      throw error;
    }
  }

  #keep(connection: PooledConnection): void {
    if (connection === this.#spare) return;
    if (this.#closing.signal.aborted || !connection.isOpen) {
      void connection.close();
      return;
    }
    const timer = setTimeout(() => this.#drop(connection), this.#idleMs).unref();
    this.#idle.push({ connection, timer });
  }

  #drop(connection: PooledConnection): void {
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    void connection.close();
  }
}
