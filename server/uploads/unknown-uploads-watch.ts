import type { Logger } from 'pino';
import { KEEP_UNKNOWN_DAYS, type UnknownUploads } from './unknown-uploads.ts';

const LOOK_EVERY_MS = 60 * 60 * 1000;

interface Deps {
  /** One for each place, homes that are elsewhere included. */
  readonly unknown: () => Iterable<UnknownUploads>;
  readonly now: () => number;
  readonly log: Logger;
}

/** Reports unknown uploads once after a start, and removes them when they are old. */
export class UnknownUploadsWatch {
  readonly #deps: Deps;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    const look = (task: () => Promise<void>) => {
      const { log } = this.#deps;
      this.#looking = this.#looking.then(task).catch((err: unknown) => {
        log.error({ err }, 'unknown uploads could not be looked through');
      });
    };
    look(() => this.#report());
    this.#timer = setInterval(() => look(() => this.removeOld()), LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async removeOld(): Promise<void> {
    const { unknown, now, log } = this.#deps;
    for (const one of unknown()) {
      const removed = await one.removeOld(now());
      if (removed.files === 0) continue;
      log.warn({ ...removed, days: KEEP_UNKNOWN_DAYS }, `old unknown ${one.what} were removed`);
    }
  }

  async #report(): Promise<void> {
    const { unknown, log } = this.#deps;
    for (const one of unknown()) {
      const found = await one.measure();
      if (found.files === 0) continue;
      log.warn(
        { ...found, directory: one.directory, days: KEEP_UNKNOWN_DAYS },
        `the database does not know these ${one.what}; they are kept and removed when they are old`,
      );
    }
  }
}
