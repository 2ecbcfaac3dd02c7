import type { Entry, Place } from '../files/place.ts';

/** Number of directories and entries that are remembered; the directory listed first is dropped first. */
const MAX_REMEMBERED = 200_000;

type Listing = Map<string, Entry>;

/**
 * What the server has where uploads go. Directories that were listed or made by the planner are remembered, so
 * that a file in them costs no question of its own.
 */
export class RemoteTargets {
  readonly #directories = new Map<string, Listing>();
  #remembered = 0;

  /** What a directory holds. */
  remember(directory: string, entries: Iterable<Entry>): void {
    const listing = new Map<string, Entry>();
    for (const entry of entries) listing.set(entry.name, entry);
    this.#forget(directory);
    this.#directories.set(directory, listing);
    this.#remembered += 1 + listing.size;
    for (const oldest of this.#directories.keys()) {
      if (this.#remembered <= MAX_REMEMBERED) break;
      this.#forget(oldest);
    }
  }

  /** What had this path when its directory was listed; undefined too if it never was. */
  recall(path: string): Entry | undefined {
    const { directory, name } = splitPath(path);
    return this.#directories.get(directory)?.get(name);
  }

  /** What has this path, from memory or from the server. */
  async find(path: string, place: Place): Promise<Entry | undefined> {
    const { directory, name } = splitPath(path);
    const listing = this.#directories.get(directory);
    const known = listing?.get(name);
    // A link is written where it leads.
    return listing === undefined || known?.kind === 'link' ? place.follow(path) : known;
  }

  /** What has this path now, whatever was remembered. */
  async findAnew(path: string, place: Place): Promise<Entry | undefined> {
    const entry = await place.follow(path);
    const { directory, name } = splitPath(path);
    const listing = this.#directories.get(directory);
    if (entry === undefined) listing?.delete(name);
    else listing?.set(name, entry);
    return entry;
  }

  /** A file was written. */
  note(path: string, facts: Pick<Entry, 'sizeBytes' | 'modifiedMs'>): void {
    const { directory, name } = splitPath(path);
    const listing = this.#directories.get(directory);
    listing?.set(name, { name, kind: 'file', ...facts, mode: undefined });
  }

  #forget(directory: string): void {
    const listing = this.#directories.get(directory);
    if (listing === undefined) return;
    this.#remembered -= 1 + listing.size;
    this.#directories.delete(directory);
  }
}

function splitPath(path: string): { directory: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { directory: path.slice(0, slash) || '/', name: path.slice(slash + 1) };
}
