import type { TrashItem } from './trash-item.ts';

/** The items in one trash, the oldest first, and what they hold together. */
export class TrashItems {
  readonly #items = new Map<string, TrashItem>();
  #chargedBytes = 0;
  #lastNumber = 0;

  get count(): number {
    return this.#items.size;
  }

  /** Bytes that the account is charged for. */
  get chargedBytes(): number {
    return this.#chargedBytes;
  }

  /** Number for an item that is deleted now. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  values(): Iterable<TrashItem> {
    return this.#items.values();
  }

  get(id: string): TrashItem | undefined {
    return this.#items.get(id);
  }

  /** Adds an item, or changes it in its place. */
  set(item: TrashItem): void {
    this.#chargedBytes += chargeOf(item) - chargeOf(this.#items.get(item.id));
    this.#items.set(item.id, item);
    this.#lastNumber = Math.max(this.#lastNumber, item.number);
  }

  delete(id: string): void {
    this.#chargedBytes -= chargeOf(this.#items.get(id));
    this.#items.delete(id);
  }
}

function chargeOf(item: TrashItem | undefined): number {
  return item?.isCharged === true ? item.sizeBytes : 0;
}
