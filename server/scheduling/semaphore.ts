/** Lets a number of tasks run at a time, the others after them in the order in which they came. */
export class Semaphore {
  readonly #slots: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** The number of tasks that run or wait. */
  get tasks(): number {
    return this.#running + this.#waiting.length;
  }

  /** Runs a task, at once if there is a free slot. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#slots) this.#running += 1;
    else await new Promise<void>((start) => this.#waiting.push(start));
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  /** The slot goes straight to the next task, so that no other can take it. */
  #leave(): void {
    const start = this.#waiting.shift();
    if (start === undefined) this.#running -= 1;
    else start();
  }
}
