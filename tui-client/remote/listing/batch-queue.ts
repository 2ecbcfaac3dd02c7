/** Hands batches from one task to another, which may come later and may leave. */
export class BatchQueue<Batch> {
  readonly #batches: Batch[] = [];
  readonly #limit: number;
  #state: 'open' | 'ended' | { readonly error: unknown } = 'open';
  #wakeReader: () => void = () => {};
  #wakeWriter: () => void = () => {};

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(batch: Batch): void {
    this.#batches.push(batch);
    this.#wakeReader();
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wakeReader();
  }

  fail(error: unknown): void {
    if (this.#state === 'open') this.#state = { error };
    this.#wakeReader();
  }

  get isFull(): boolean {
    return this.#batches.length >= this.#limit;
  }

  /** Resolves when a batch has been taken. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** The next batch; undefined at the end. */
  async take(): Promise<Batch | undefined> {
    for (;;) {
      const batch = this.#batches.shift();
      if (batch !== undefined) {
        this.#wakeWriter();
        return batch;
      }
      if (this.#state === 'ended') return undefined;
      if (this.#state !== 'open') throw this.#state.error;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }
}
