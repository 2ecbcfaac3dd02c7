import { type Entry, joinPath, type Place, parentOf } from '../files/place.ts';

/** What becomes of links below a directory that is copied. */
export type LinkPolicy = 'skip' | 'follow';

/** An entry to copy, or the reason why it is left out. */
export type Choice = { readonly entry: Entry } | { readonly skip: string };

/** Why links are skipped; it marks them in summaries, too. */
export const LINK_NOTE = 'Links are not followed.';

const LOOP_NOTE = 'It leads back to a directory above it.';
const DANGLING_NOTE = 'The link leads nowhere.';
const DEPTH_NOTE = 'It leads through too many links.';

/** Where a server does not tell which directory a link leads to, a loop ends after this number of links. */
const MAX_LINKS = 8;

type Remembered = Map<string, Promise<string | undefined>>;

/** Decides about the entries of a tree that is walked, so that the walk ends: links may lead round in a circle. */
export class TreeLinks {
  readonly #place: Place;
  readonly #policy: LinkPolicy;
  readonly #identities: Remembered = new Map();
  readonly #uniques: Remembered = new Map();
  readonly #followed = new Set<string>();

  constructor(place: Place, policy: LinkPolicy = 'skip') {
    this.#place = place;
    this.#policy = policy;
  }

  /** @param directory where the entry was found. */
  async choose(directory: string, entry: Entry): Promise<Choice> {
    const path = joinPath(directory, entry.name);
    if (entry.kind === 'other') return { skip: 'It is neither a file nor a directory.' };
    if (entry.kind === 'directory') return this.#chooseDirectory(path, entry);
    if (entry.kind === 'file') return { entry };
    return this.#policy === 'skip' ? { skip: LINK_NOTE } : this.#chooseLink(path);
  }

  /** Some servers show a link as what it leads to, and only `unique` shows that it is a directory above it. */
  async #chooseDirectory(path: string, entry: Entry): Promise<Choice> {
    const { unique } = entry;
    if (unique === undefined) return { entry };
    this.#uniques.set(path, Promise.resolve(unique));
    const uniqueOf = async (above: string) => (await this.#place.stat(above))?.unique;
    const isLoop = await this.#isAbove(path, unique, { known: this.#uniques, look: uniqueOf });
    return isLoop ? { skip: LOOP_NOTE } : { entry };
  }

  async #chooseLink(path: string): Promise<Choice> {
    const entry = await this.#place.follow(path);
    if (entry === undefined || entry.kind === 'link') return { skip: DANGLING_NOTE };
    if (entry.kind === 'other') return { skip: 'It leads to neither a file nor a directory.' };
    if (entry.kind === 'file') return { entry };
    if (this.#linksAbove(path) >= MAX_LINKS) return { skip: DEPTH_NOTE };
    const identity = await this.#place.identity(path);
    const look = (above: string) => this.#place.identity(above);
    const isLoop =
      identity !== undefined &&
      (await this.#isAbove(path, identity, { known: this.#identities, look }));
    if (isLoop) return { skip: LOOP_NOTE };
    this.#followed.add(path);
    return { entry };
  }

  #linksAbove(path: string): number {
    return ancestorsOf(path).filter((above) => this.#followed.has(above)).length;
  }

  /** Whether one of the directories above a path is the one that has this mark. */
  async #isAbove(
    path: string,
    mark: string,
    { known, look }: { known: Remembered; look: (path: string) => Promise<string | undefined> },
  ): Promise<boolean> {
    for (const above of ancestorsOf(path)) {
      const marking = known.get(above) ?? look(above);
      known.set(above, marking);
      if ((await marking) === mark) return true;
    }
    return false;
  }
}

/** The nearest first, the root last. */
function ancestorsOf(path: string): readonly string[] {
  const ancestors: string[] = [];
  for (let above = path; above !== '/'; ) {
    above = parentOf(above);
    ancestors.push(above);
  }
  return ancestors;
}
