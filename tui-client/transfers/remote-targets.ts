import type { Entry, Place } from '../files/place.ts';
import { KnownDirectory } from './known-directory.ts';
import { NameTwins } from './name-twins.ts';

/** Number of directories and entries that are remembered; the directory listed first is dropped first. */
const MAX_REMEMBERED = 200_000;

/**
 * What the server has where uploads go. Directories that were listed or made by the planner are remembered, so
 * that a file in them costs no question of its own.
 */
export class RemoteTargets {
  readonly twins = new NameTwins();
  readonly #directories = new Map<string, KnownDirectory>();
  #remembered = 0;

  /** What a directory holds. */
  remember(directory: string, entries: Iterable<Entry>): void {
    const listing = new KnownDirectory(entries);
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
    if (listing === undefined || known?.kind === 'link') return place.follow(path);
    // A server that ignores case has the file under another name.
    return known === undefined && listing.hasTwinOf(name) ? place.follow(path) : known;
  }

  /** What has this path now, whatever was remembered. */
  async findAnew(path: string, place: Place): Promise<Entry | undefined> {
    const entry = await place.follow(path);
    const { directory, name } = splitPath(path);
    const listing = this.#directories.get(directory);
    if (entry === undefined) listing?.delete(name);
    else listing?.set(entry);
    return entry;
  }

  /** A file was written. */
  note(path: string, facts: Pick<Entry, 'sizeBytes' | 'modifiedMs'>): void {
    this.#note(path, { kind: 'file', ...facts });
  }

  /** A directory was made. */
  noteDirectory(path: string): void {
    this.#note(path, { kind: 'directory', sizeBytes: undefined, modifiedMs: undefined });
  }

  #note(path: string, facts: Pick<Entry, 'kind' | 'sizeBytes' | 'modifiedMs'>): void {
    const { directory, name } = splitPath(path);
    this.#directories.get(directory)?.set({ name, ...facts, mode: undefined });
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
