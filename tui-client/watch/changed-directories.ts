import { setTimeout as delay } from 'node:timers/promises';

/** What has changed since it was asked for last. */
export interface Changes {
  /** Paths that begin at the root of the watched tree. */
  readonly directories: ReadonlySet<string>;
  /** Events may have been lost: anything may have changed. */
  readonly isAll: boolean;
}

interface ChangeOptions {
  /** Time without changes after which they are reported. */
  readonly settleMs: number;
  /** Number of simultaneous events that suggests that some were lost. */
  readonly maxEvents: number;
}

/** Changes of a tree that never rests are reported after this number of settling times. */
const MAX_SETTLES = 20;

/** Gathers the directories that change until they are quiet. */
export class ChangedDirectories {
  readonly #options: ChangeOptions;
  #directories = new Set<string>();
  #isAll = false;
  #events = 0;
  #firstMs = 0;
  #lastMs = 0;
  #wake: () => void = () => {};

  constructor(options: ChangeOptions) {
    this.#options = options;
  }

  note(directory: string): void {
    this.#directories.add(directory);
    this.#events += 1;
    if (this.#events >= this.#options.maxEvents) this.#isAll = true;
    this.#stamp();
  }

  noteAll(): void {
    this.#isAll = true;
    this.#stamp();
  }

  /** Resolves when something has changed and nothing has for a while. @throws the signal's reason. */
  async settled(signal: AbortSignal): Promise<void> {
    await this.#changed(signal);
    const { settleMs } = this.#options;
    for (;;) {
      const nowMs = performance.now();
      const restMs =
        Math.min(this.#lastMs + settleMs, this.#firstMs + MAX_SETTLES * settleMs) - nowMs;
      if (restMs <= 0) return;
      await delay(restMs, undefined, { signal });
    }
  }

  take(): Changes {
    const changes = { directories: this.#directories, isAll: this.#isAll };
    this.#directories = new Set();
    this.#isAll = false;
    this.#events = 0;
    return changes;
  }

  async #changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isAll || this.#directories.size > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        signal.removeEventListener('abort', this.#wake);
        resolve();
      };
      signal.addEventListener('abort', this.#wake);
    });
    signal.throwIfAborted();
  }

  #stamp(): void {
    this.#lastMs = performance.now();
    if (this.#directories.size <= 1 && this.#events <= 1) this.#firstMs = this.#lastMs;
    this.#wake();
  }
}
