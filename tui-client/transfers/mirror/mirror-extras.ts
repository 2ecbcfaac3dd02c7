import { type Entry, joinPath, type Place } from '../../files/place.ts';
import { TreeLinks } from '../tree-links.ts';
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
  readonly #links: TreeLinks;

  constructor(reader: MirrorReader, target: Place, to: string) {
    this.#reader = reader;
    this.#target = target;
    this.#to = to;
    this.#links = new TreeLinks(target);
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
    for (const entry of await this.#read(path)) {
      const inside = `${path}/${entry.name}`;
      if (this.#reader.isLeftOut(inside, entry.kind)) return { entryCount, isWhole: false };
      entryCount += 1;
      if (!(await this.#isToBeEntered(path, entry))) continue;
      const below = await this.#look(inside);
      if (!below.isWhole) return below;
      entryCount += below.entryCount;
    }
    return { entryCount, isWhole: true };
  }

  /** Not a link that is shown as a directory and leads back to one above it. */
  async #isToBeEntered(path: string, entry: Entry): Promise<boolean> {
    if (entry.kind !== 'directory') return false;
    return 'entry' in (await this.#links.choose(joinPath(this.#to, path), entry));
  }

  async #read(path: string): Promise<readonly Entry[]> {
    return (await this.#reader.read(this.#target, joinPath(this.#to, path))) ?? [];
  }
}
