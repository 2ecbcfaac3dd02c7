import type { Entry } from '../../files/place.ts';
import { foldedName } from '../folded-name.ts';

interface TwinOptions {
  readonly source: ReadonlyMap<string, Entry>;
  readonly target: ReadonlyMap<string, Entry>;
  /** Whether the target finds something under a name of the source. */
  readonly exists: (name: string) => Promise<boolean>;
}

/** The entries of a target's directory, each taken by the entry of the source that it is the same as. */
export class TargetTwins {
  readonly #options: TwinOptions;
  readonly #extra: Map<string, Entry>;
  readonly #folded: ReadonlyMap<string, Entry>;

  constructor(options: TwinOptions) {
    this.#options = options;
    this.#extra = new Map([...options.target].filter(([name]) => !options.source.has(name)));
    this.#folded = new Map([...this.#extra.values()].map((one) => [foldedName(one.name), one]));
  }

  /** What the source does not have, once all of its entries have taken theirs. */
  get extra(): Iterable<Entry> {
    return this.#extra.values();
  }

  /** An entry of almost the same name is the same one, if the target finds it under the source's name. */
  async take(name: string): Promise<Entry | undefined> {
    const same = this.#options.target.get(name);
    if (same !== undefined || this.#folded.size === 0) return same;
    const twin = this.#folded.get(foldedName(name));
    if (twin === undefined || !(await this.#options.exists(name))) return undefined;
    this.#extra.delete(twin.name);
    return twin;
  }
}
