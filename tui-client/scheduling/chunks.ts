/** Number of small tasks that take a few milliseconds. */
const PORTION = 1000;

/** Parts of a long list. Between them others have their turn. */
export async function* inChunks<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  for (let at = 0; at < items.length; at += PORTION) {
    if (at > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    yield items.slice(at, at + PORTION);
  }
}

/**
 * Goes through a long list without holding up anything else for long: the first part at once, the others between
 * what else there is to do.
 */
export class ChunkedTask {
  #steps: Iterator<void> | undefined;
  #next: NodeJS.Immediate | undefined;

  get isRunning(): boolean {
    return this.#steps !== undefined;
  }

  /** One that still runs is brought to its end first. */
  start<Item>(
    items: readonly Item[],
    { visit, onEnd }: { readonly visit: (item: Item) => void; readonly onEnd: () => void },
  ): void {
    this.finish();
    this.#steps = steps(items, visit, () => {
      this.#steps = undefined;
      onEnd();
    });
    this.#step();
  }

  /** Does all that is left at once. */
  finish(): void {
    while (this.#steps !== undefined) this.#step();
  }

  /** Leaves undone what is left. */
  stop(): void {
    clearImmediate(this.#next);
    this.#steps = undefined;
  }

  #step(): void {
    clearImmediate(this.#next);
    this.#steps?.next();
    if (this.#steps !== undefined) this.#next = setImmediate(() => this.#step());
  }
}

function* steps<Item>(
  items: readonly Item[],
  visit: (item: Item) => void,
  onEnd: () => void,
): Generator<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % PORTION === 0) yield;
    visit(item);
  }
  onEnd();
}
