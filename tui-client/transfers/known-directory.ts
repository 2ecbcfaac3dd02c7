import type { Entry } from '../files/place.ts';
import { foldedName } from './folded-name.ts';

/** What a directory of the server holds, as it was listed and as it was changed since. */
export class KnownDirectory {
  readonly #entries = new Map<string, Entry>();
  /** Folded names of the entries, once they are needed. */
  #folded: Set<string> | undefined;

  constructor(entries: Iterable<Entry>) {
    for (const entry of entries) this.#entries.set(entry.name, entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  set(entry: Entry): void {
    this.#entries.set(entry.name, entry);
    this.#folded?.add(foldedName(entry.name));
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  /** Whether the server may take the name for that of an entry. */
  hasTwinOf(name: string): boolean {
    if (this.#entries.size === 0) return false;
    this.#folded ??= new Set([...this.#entries.keys()].map(foldedName));
    return this.#folded.has(foldedName(name));
  }
}
