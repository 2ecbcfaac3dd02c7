import type { Logs } from '../logging/logging.ts';
import type { CommandContext } from './command-context.ts';

type Listener = (...details: unknown[]) => void;

interface Options {
  readonly signals: CommandContext['signals'];
  readonly logs: Logs;
  /** May be called at any time, also before the server has started. */
  onReloadRequest(): void;
}

/** Signals and uncaught errors of a running server, as promises. */
export class ProcessEvents {
  /** Resolves with the name of the first signal to stop. */
  readonly stopRequested: Promise<string>;
  /** Resolves when the process must end at once: a second signal, or an uncaught error. */
  readonly endRequested: Promise<void>;
  readonly #signals: CommandContext['signals'];
  readonly #logs: Logs;
  readonly #onReloadRequest: () => void;
  readonly #listeners: ReadonlyMap<string, Listener>;
  #requestStop: (signal: string) => void = () => {};
  #requestEnd: () => void = () => {};
  #isStopping = false;
  #hasToEnd = false;

  constructor({ signals, logs, onReloadRequest }: Options) {
    this.#signals = signals;
    this.#logs = logs;
    this.#onReloadRequest = onReloadRequest;
    this.stopRequested = new Promise((resolve) => {
      this.#requestStop = resolve;
    });
    this.endRequested = new Promise((resolve) => {
      this.#requestEnd = resolve;
    });
    this.#listeners = new Map<string, Listener>([
      ['SIGTERM', () => this.#stop('SIGTERM')],
      ['SIGINT', () => this.#stop('SIGINT')],
      ['SIGUSR1', () => this.#reopenLogs()],
      ['SIGHUP', () => this.#onReloadRequest()],
      ['uncaughtException', (error) => this.#crash(error)],
      ['unhandledRejection', (error) => this.#crash(error)],
    ]);
    for (const [name, listener] of this.#listeners) signals.on(name, listener);
  }

  get hasToEnd(): boolean {
    return this.#hasToEnd;
  }

  /** Listens no more: signals get the system's treatment again. */
  dispose(): void {
    for (const [name, listener] of this.#listeners) this.#signals.off(name, listener);
  }

  #stop(signal: string): void {
    if (this.#isStopping) {
      this.#logs.server.warn({ signal }, 'second signal, ending now');
      this.#end();
    }
    this.#isStopping = true;
    this.#requestStop(signal);
  }

  #reopenLogs(): void {
    this.#logs.reopen();
    this.#logs.server.info('log files reopened');
  }

  #crash(error: unknown): void {
    this.#logs.server.fatal({ err: error }, 'unexpected failure, ending now');
    this.#end();
  }

  #end(): void {
    this.#hasToEnd = true;
    this.#requestEnd();
  }
}
