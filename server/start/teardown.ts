type Undo = () => void | Promise<void>;

/** Undoes in reverse order what a start has opened so far, when a later step fails. */
export class Teardown {
  readonly #steps: Undo[] = [];

  add(undo: Undo): void {
    this.#steps.push(undo);
  }

  async run(): Promise<void> {
    for (const undo of this.#steps.splice(0).reverse()) await undo();
  }
}
