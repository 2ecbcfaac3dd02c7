import type { Algorithm } from '../digest.ts';
import { Failure } from '../failure.ts';
import { type Entry, joinPath, type Place } from '../place.ts';
import { type Excludes, excludesFrom } from './excludes.ts';
import type { Job } from './job.ts';
import { seemsSame } from './same-file.ts';
import type { TransferPlan } from './transfer-plan.ts';

export interface MirrorOptions {
  readonly direction: Job['direction'];
  readonly local: Place;
  readonly remotePlace: Place;
  /** Directories: what is in the first is to be in the second. */
  readonly from: string;
  readonly to: string;
  readonly compareBy: 'size-and-time' | { readonly digest: Algorithm };
  /** What the target has beyond the source: stays, or is to go. */
  readonly extras: 'keep' | 'delete';
  /** Globs; what they match is neither copied nor deleted, and keeps the directories around it. */
  readonly excludes?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Called after each directory. */
  readonly onCompared?: (comparedFiles: number) => void;
}

interface Deletion {
  readonly path: string;
  readonly kind: Entry['kind'];
  readonly sizeBytes: number | undefined;
}

/** What a mirror would do. */
export interface MirrorPlan {
  readonly direction: Job['direction'];
  /** Directories of the target, parents first. */
  readonly makes: readonly string[];
  readonly copies: readonly TransferPlan[];
  readonly replacements: readonly TransferPlan[];
  readonly deletions: readonly Deletion[];
  readonly unchangedFiles: number;
  /** What is left as it is, and why. */
  readonly notes: readonly { readonly path: string; readonly text: string }[];
  /** Of all files that are to be moved. */
  readonly moveBytes: number;
  /** By how much the target grows, deletions not counted, for they come last. */
  readonly growthBytes: number;
}

/** Compares two directories with all below them, and changes nothing. */
export async function planMirror(options: MirrorOptions): Promise<MirrorPlan> {
  return new Comparison(options).run();
}

type Listing = ReadonlyMap<string, Entry>;

interface Pair {
  /** Below both directories; empty for themselves. */
  readonly path: string;
  readonly isAtTarget: boolean;
}

const NOTES: Partial<Record<Entry['kind'], string>> = {
  link: 'Links are not followed.',
  other: 'It is neither a file nor a directory.',
};

class Comparison {
  readonly #options: MirrorOptions;
  readonly #source: Place;
  readonly #target: Place;
  readonly #isExcluded: Excludes;
  readonly #makes: string[] = [];
  readonly #copies: TransferPlan[] = [];
  readonly #replacements: TransferPlan[] = [];
  readonly #deletions: Deletion[] = [];
  readonly #notes: { path: string; text: string }[] = [];
  #unchangedFiles = 0;
  #moveBytes = 0;
  #growthBytes = 0;

  constructor(options: MirrorOptions) {
    this.#options = options;
    const isUpload = options.direction === 'upload';
    this.#source = isUpload ? options.local : options.remotePlace;
    this.#target = isUpload ? options.remotePlace : options.local;
    this.#isExcluded = excludesFrom(options.excludes ?? []);
  }

  async run(): Promise<MirrorPlan> {
    const { to, signal, onCompared, direction } = this.#options;
    const top = { path: '', isAtTarget: (await this.#target.stat(to)) !== undefined };
    if (!top.isAtTarget) this.#makes.push(to);
    const pairs: Pair[] = [top];
    // The loop reaches what is added during it.
    for (const pair of pairs) {
      signal?.throwIfAborted();
      for (const next of await this.#compare(pair)) pairs.push(next);
      onCompared?.(this.#unchangedFiles + this.#copies.length + this.#replacements.length);
    }
    return {
      direction,
      makes: this.#makes,
      copies: this.#copies,
      replacements: this.#replacements,
      deletions: this.#deletions,
      unchangedFiles: this.#unchangedFiles,
      notes: this.#notes,
      moveBytes: this.#moveBytes,
      growthBytes: this.#growthBytes,
    };
  }

  /** Gives the directories below that are to be compared next. */
  async #compare({ path, isAtTarget }: Pair): Promise<readonly Pair[]> {
    const { from, to, extras } = this.#options;
    const [source, target] = await Promise.all([
      this.#list(this.#source, below(from, path), path),
      isAtTarget ? this.#list(this.#target, below(to, path), path) : new Map<string, Entry>(),
    ]);
    const pairs: Pair[] = [];
    for (const entry of source.values()) {
      const pair = await this.#compareEntry(
        joined(path, entry.name),
        entry,
        target.get(entry.name),
      );
      if (pair !== undefined) pairs.push(pair);
    }
    const extraEntries = [...target.values()].filter(({ name }) => !source.has(name));
    if (extras === 'delete') for (const entry of extraEntries) await this.#deleteExtra(path, entry);
    return pairs;
  }

  async #list(place: Place, directory: string, path: string): Promise<Listing> {
    const entries = await this.#entriesIn(place, directory);
    const shown = entries.filter(({ name, kind }) => !this.#isLeftOut(joined(path, name), kind));
    return new Map(shown.map((entry) => [entry.name, entry]));
  }

  async #entriesIn(place: Place, directory: string): Promise<readonly Entry[]> {
    const all: Entry[] = [];
    for await (const entries of place.list(directory, this.#options.signal)) all.push(...entries);
    return all;
  }

  #isLeftOut(path: string, kind: Entry['kind']): boolean {
    return this.#isExcluded(path, kind === 'directory' ? 'directory' : 'file');
  }

  async #compareEntry(path: string, source: Entry, target?: Entry): Promise<Pair | undefined> {
    const note = NOTES[source.kind];
    if (note !== undefined) return this.#note(path, note);
    if (target !== undefined && target.kind !== source.kind) {
      return this.#note(path, `At the target there is a ${target.kind} of this name.`);
    }
    if (source.kind === 'directory') {
      if (target === undefined) this.#makes.push(below(this.#options.to, path));
      return { path, isAtTarget: target !== undefined };
    }
    if (target === undefined) this.#copy(path, source);
    else if (await this.#isSame(path, source, target)) this.#unchangedFiles++;
    else this.#replace(path, source, target);
    return undefined;
  }

  #note(path: string, text: string): undefined {
    this.#notes.push({ path: below(this.#options.from, path), text });
  }

  async #isSame(path: string, source: Entry, target: Entry): Promise<boolean> {
    if (target.isPartial) return false;
    const { compareBy, direction, from, to, signal } = this.#options;
    if (compareBy === 'size-and-time') return seemsSame(source, target);
    if (source.sizeBytes !== target.sizeBytes) return false;
    const [ours, theirs] = await Promise.all([
      this.#source.digest(below(from, path), compareBy.digest, signal),
      this.#target.digest(below(to, path), compareBy.digest, signal),
    ]);
    if (ours === undefined || theirs === undefined) {
      const file = below(direction === 'upload' ? to : from, path);
      throw new Failure('protocol', `The server computes no ${compareBy.digest} of ${file}.`);
    }
    return ours === theirs;
  }

  #copy(path: string, source: Entry): void {
    this.#copies.push(this.#planFor(path, source));
    this.#moveBytes += source.sizeBytes ?? 0;
    this.#growthBytes += source.sizeBytes ?? 0;
  }

  #replace(path: string, source: Entry, target: Entry): void {
    this.#replacements.push(this.#planFor(path, source));
    this.#moveBytes += source.sizeBytes ?? 0;
    this.#growthBytes += Math.max(0, (source.sizeBytes ?? 0) - (target.sizeBytes ?? 0));
  }

  #planFor(path: string, { sizeBytes, modifiedMs }: Entry): TransferPlan {
    const { direction, from, to } = this.#options;
    const [source, target] = [below(from, path), below(to, path)];
    const facts = { sizeBytes, modifiedMs };
    return { direction, kind: 'file', from: source, to: target, policy: 'overwrite', ...facts };
  }

  async #deleteExtra(directory: string, { name, kind, sizeBytes }: Entry): Promise<void> {
    const path = joined(directory, name);
    const isWhole = kind !== 'directory' || (await this.#holdsNoExcluded(path));
    if (isWhole) this.#deletions.push({ path: below(this.#options.to, path), kind, sizeBytes });
    else for (const entry of await this.#extrasIn(path)) await this.#deleteExtra(path, entry);
  }

  async #holdsNoExcluded(path: string): Promise<boolean> {
    if ((this.#options.excludes ?? []).length === 0) return true;
    const all = await this.#entriesIn(this.#target, below(this.#options.to, path));
    for (const { name, kind } of all) {
      if (this.#isLeftOut(joined(path, name), kind)) return false;
      if (kind === 'directory' && !(await this.#holdsNoExcluded(joined(path, name)))) return false;
    }
    return true;
  }

  async #extrasIn(path: string): Promise<readonly Entry[]> {
    return [...(await this.#list(this.#target, below(this.#options.to, path), path)).values()];
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

function below(directory: string, path: string): string {
  return path === '' ? directory : joinPath(directory, path);
}
