import type { Clock } from './clock.ts';

/** At most five times a second. */
const INTERVAL_MS = 200;

/** Reports many changes as one, soon. */
export class ChangeSignal {
  readonly #clock: Clock;
  readonly #tell: () => void;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isDue = false;

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const waitMs = Math.max(0, this.#toldMs + INTERVAL_MS - this.#clock.now());
    const tell = () => {
      this.#isDue = false;
      this.#toldMs = this.#clock.now();
      this.#tell();
    };
    this.#clock.after(waitMs, tell, 'incidental');
  }
}
