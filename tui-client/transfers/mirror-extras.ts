import { type Entry, joinPath, type Place } from '../place.ts';
import type { Deletion } from './mirror-plan.ts';
import type { MirrorReader } from './mirror-reader.ts';

interface Below {
  readonly entryCount: number;
  /** Whether all of it may go. */
  readonly isWhole: boolean;
}

/** Finds out what of the target is to be deleted, around what is excluded. */
export class MirrorExtras {
  readonly deletions: Deletion[] = [];
  readonly #reader: MirrorReader;
  readonly #target: Place;
  readonly #to: string;

  constructor(reader: MirrorReader, target: Place, to: string) {
    this.#reader = reader;
    this.#target = target;
    this.#to = to;
  }

  /** @param path of the entry, below the directory of the mirror. */
  async add(path: string, { kind, sizeBytes }: Entry): Promise<void> {
    const { entryCount, isWhole } =
      kind === 'directory' ? await this.#look(path) : { entryCount: 0, isWhole: true };
    if (isWhole) {
      this.deletions.push({
        path: joinPath(this.#to, path),
        kind,
        sizeBytes,
        entryCount: entryCount + 1,
      });
      return;
    }
    for (const entry of await this.#read(path)) {
      const below = `${path}/${entry.name}`;
      if (!this.#reader.isLeftOut(below, entry.kind)) await this.add(below, entry);
    }
  }

  async #look(path: string): Promise<Below> {
    let entryCount = 0;
    for (const { name, kind } of await this.#read(path)) {
      const inside = `${path}/${name}`;
      if (this.#reader.isLeftOut(inside, kind)) return { entryCount, isWhole: false };
      entryCount += 1;
      if (kind !== 'directory') continue;
      const below = await this.#look(inside);
      if (!below.isWhole) return below;
      entryCount += below.entryCount;
    }
    return { entryCount, isWhole: true };
  }

  async #read(path: string): Promise<readonly Entry[]> {
    return (await this.#reader.read(this.#target, joinPath(this.#to, path))) ?? [];
  }
}
