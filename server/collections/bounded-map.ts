/** A map that keeps its latest entries: when one too many is set, the entry that was set or used longest ago goes. */
export class BoundedMap<Key, Value> {
  readonly #maxEntries: number;
  /** A Map keeps the order of insertion: the oldest entry comes first. */
  readonly #entries = new Map<Key, Value>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Gets a value, and keeps its entry longer than those that are not used. */
  use(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#insert(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#insert(key, value);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #insert(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
