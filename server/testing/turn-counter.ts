/** Counts how often the event loop comes round, beside what a test waits for. */
export class TurnCounter {
  #turns = 0;
  #next: NodeJS.Immediate;

  constructor() {
    this.#next = setImmediate(this.#count);
  }

  readonly #count = (): void => {
    this.#turns += 1;
    this.#next = setImmediate(this.#count);
  };

  /** Ends the count. */
  stop(): number {
    clearImmediate(this.#next);
    return this.#turns;
  }
}
