import type { Algorithm } from '../digest.ts';
import { Failure } from '../failure.ts';
import { isSendableName } from '../local/disk-name.ts';
import { type Entry, joinPath, type Place } from '../place.ts';
import { collidingNames, foldedName } from './folded-names.ts';
import type { Job } from './job.ts';
import { MirrorExtras } from './mirror-extras.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { MirrorReader } from './mirror-reader.ts';
import { compareFacts, type Sameness } from './same-file.ts';
import type { TransferPlan } from './transfer-plan.ts';
import { unsendableName } from './unsendable-name.ts';

export interface MirrorOptions {
  readonly direction: Job['direction'];
  readonly local: Place;
  readonly remotePlace: Place;
  /** Directories: what is in the first is to be in the second. */
  readonly from: string;
  readonly to: string;
  readonly compareBy: 'size-and-time' | { readonly digest: Algorithm };
  /** Decides about files whose times are unknown, if the server computes one. */
  readonly algorithm?: Algorithm | undefined;
  /** What the target has beyond the source: stays, or is to go. */
  readonly extras: 'keep' | 'delete';
  /** Globs; what they match is neither copied nor deleted, and keeps the directories around it. */
  readonly excludes?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Called after each directory. */
  readonly onCompared?: (comparedFiles: number) => void;
}

/** Compares two directories with all below them, and changes nothing. */
export async function planMirror(options: MirrorOptions): Promise<MirrorPlan> {
  return new Comparison(options).run();
}

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
  readonly #reader: MirrorReader;
  readonly #extras: MirrorExtras;
  readonly #makes: string[] = [];
  readonly #copies: TransferPlan[] = [];
  readonly #replacements: TransferPlan[] = [];
  readonly #notes: { path: string; text: string }[] = [];
  readonly #unsure = new Set<string>();
  readonly #entryCounts = { source: 0, target: 0 };
  #foldsNames = false;
  #unchangedFiles = 0;
  #moveBytes = 0;
  #growthBytes = 0;

  constructor(options: MirrorOptions) {
    this.#options = options;
    const { direction, local, remotePlace, to, excludes = [], signal } = options;
    this.#source = direction === 'upload' ? local : remotePlace;
    this.#target = direction === 'upload' ? remotePlace : local;
    this.#reader = new MirrorReader({ excludes, signal });
    this.#extras = new MirrorExtras(this.#reader, this.#target, to);
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
    const { problems } = this.#reader;
    return {
      direction,
      makes: this.#makes,
      copies: this.#copies,
      replacements: this.#replacements,
      unsure: this.#unsure,
      foldsNames: this.#foldsNames,
      deletions: problems.length > 0 ? [] : this.#extras.deletions,
      unchangedFiles: this.#unchangedFiles,
      notes: this.#notes,
      problems,
      entryCounts: this.#countedEntries(),
      moveBytes: this.#moveBytes,
      growthBytes: this.#growthBytes,
    };
  }

  /** Those in extra directories were not compared, only counted. */
  #countedEntries(): MirrorPlan['entryCounts'] {
    const below = this.#extras.deletions.reduce((sum, { entryCount }) => sum + entryCount - 1, 0);
    return { source: this.#entryCounts.source, target: this.#entryCounts.target + below };
  }

  /** Gives the directories below that are to be compared next. */
  async #compare({ path, isAtTarget }: Pair): Promise<readonly Pair[]> {
    const { from, to, extras } = this.#options;
    const [source, target] = await Promise.all([
      this.#list(this.#source, below(from, path), path),
      isAtTarget ? this.#list(this.#target, below(to, path), path) : new Map<string, Entry>(),
    ]);
    if (source === undefined || target === undefined) return [];
    this.#entryCounts.source += source.size;
    this.#entryCounts.target += target.size;
    const pairs: Pair[] = [];
    const extra = new Map([...target].filter(([name]) => !source.has(name)));
    for (const name of collidingNames([...source.keys()])) {
      if (!target.has(name)) this.#unsure.add(below(to, joined(path, name)));
    }
    const folded = new Map([...extra.values()].map((entry) => [foldedName(entry.name), entry]));
    for (const entry of source.values()) {
      const twin = target.get(entry.name) ?? (await this.#takeFolded(path, entry, folded));
      if (twin !== undefined) extra.delete(twin.name);
      const pair = await this.#compareEntry(joined(path, entry.name), entry, twin);
      if (pair !== undefined) pairs.push(pair);
    }
    if (extras === 'keep') return pairs;
    for (const entry of extra.values()) {
      await this.#extras.add(joined(path, entry.name), entry);
    }
    return pairs;
  }

  /** An entry of almost the same name is the same one, if the target finds it under the source's name. */
  async #takeFolded(
    path: string,
    { name }: Entry,
    folded: ReadonlyMap<string, Entry>,
  ): Promise<Entry | undefined> {
    const twin = folded.size === 0 ? undefined : folded.get(foldedName(name));
    if (twin === undefined) return undefined;
    const found = await this.#target.stat(below(this.#options.to, joined(path, name)));
    if (found === undefined) return undefined;
    this.#foldsNames = true;
    this.#note(joined(path, name), `The target keeps it as ${twin.name}.`);
    return twin;
  }

  async #list(
    place: Place,
    directory: string,
    path: string,
  ): Promise<ReadonlyMap<string, Entry> | undefined> {
    const entries = await this.#reader.read(place, directory);
    const shown = entries?.filter(
      ({ name, kind }) => !this.#reader.isLeftOut(joined(path, name), kind),
    );
    return shown && new Map(shown.map((entry) => [entry.name, entry]));
  }

  async #compareEntry(path: string, source: Entry, target?: Entry): Promise<Pair | undefined> {
    const { direction, from, to } = this.#options;
    if (direction === 'upload' && !isSendableName(source.name)) {
      this.#reader.problems.push(unsendableName(below(from, path)));
      return undefined;
    }
    const note = NOTES[source.kind];
    if (note !== undefined) return this.#note(path, note);
    if (target !== undefined && target.kind !== source.kind) {
      return this.#note(path, `At the target there is a ${target.kind} of this name.`);
    }
    if (source.kind === 'directory') {
      if (target === undefined) this.#makes.push(below(to, path));
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
    const { compareBy, algorithm } = this.#options;
    if (compareBy === 'size-and-time') {
      const sameness = await this.#compareFacts(path, source, target);
      if (sameness !== 'unknown') return sameness === 'same';
      // A size alone says nothing; without a digest the file is copied.
      return algorithm !== undefined && (await this.#haveSameDigest(path, algorithm)) === true;
    }
    if (source.sizeBytes !== target.sizeBytes) return false;
    const isSame = await this.#haveSameDigest(path, compareBy.digest);
    if (isSame === undefined) {
      const { direction, from, to } = this.#options;
      const file = below(direction === 'upload' ? to : from, path);
      throw new Failure('protocol', `The server computes no ${compareBy.digest} of ${file}.`);
    }
    return isSame;
  }

  /** Times that the listing does not show well enough are asked for, one by one. */
  async #compareFacts(path: string, source: Entry, target: Entry): Promise<Sameness> {
    const sameness = compareFacts(source, target);
    if (sameness !== 'unknown') return sameness;
    const { from, to } = this.#options;
    const [ours, theirs] = await Promise.all([
      source.modifiedMs ?? this.#source.modified(below(from, path)),
      target.modifiedMs ?? this.#target.modified(below(to, path)),
    ]);
    return compareFacts({ ...source, modifiedMs: ours }, { ...target, modifiedMs: theirs });
  }

  /** Undefined if one side cannot compute it. */
  async #haveSameDigest(path: string, algorithm: Algorithm): Promise<boolean | undefined> {
    const { from, to, signal } = this.#options;
    const [ours, theirs] = await Promise.all([
      this.#source.digest(below(from, path), algorithm, signal),
      this.#target.digest(below(to, path), algorithm, signal),
    ]);
    return ours === undefined || theirs === undefined ? undefined : ours === theirs;
  }

  #copy(path: string, source: Entry): void {
    this.#copies.push(this.#planFor(path, source));
    this.#moveBytes += source.sizeBytes ?? 0;
    this.#growthBytes += source.sizeBytes ?? 0;
  }

  #replace(path: string, source: Entry, target: Entry): void {
    this.#replacements.push({
      ...this.#planFor(path, source),
      to: below(this.#options.to, inDirectoryOf(path, target.name)),
    });
    this.#moveBytes += source.sizeBytes ?? 0;
    this.#growthBytes += Math.max(0, (source.sizeBytes ?? 0) - (target.sizeBytes ?? 0));
  }

  #planFor(path: string, { sizeBytes, modifiedMs }: Entry): TransferPlan {
    const { direction, from, to } = this.#options;
    const [source, target] = [below(from, path), below(to, path)];
    const facts = { sizeBytes, modifiedMs };
    return { direction, kind: 'file', from: source, to: target, policy: 'overwrite', ...facts };
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** The path of another name beside it. */
function inDirectoryOf(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}

function below(directory: string, path: string): string {
  return path === '' ? directory : joinPath(directory, path);
}
