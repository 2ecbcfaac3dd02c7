import type { Algorithm } from '../digest.ts';
import { Failure } from '../failure.ts';
import { isSendableName } from '../local/disk-name.ts';
import { inTreeOrder } from '../name-order.ts';
import type { Entry, Place } from '../place.ts';
import { collidingNames } from './folded-names.ts';
import { MirrorExtras } from './mirror-extras.ts';
import type { MirrorOptions } from './mirror-options.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { MirrorReader } from './mirror-reader.ts';
import { below, MirrorTransfers } from './mirror-transfers.ts';
import { compareFacts, type Sameness } from './same-file.ts';
import { TargetTwins } from './target-twins.ts';
import { LINK_NOTE, TreeLinks } from './tree-links.ts';
import { unsendableName } from './unsendable-name.ts';

/** Compares two directories with all below them, and changes nothing. */
export async function planMirror(options: MirrorOptions): Promise<MirrorPlan> {
  return new Comparison(options).run();
}

interface Pair {
  /** Below both directories; empty for themselves. */
  readonly path: string;
  readonly isAtTarget: boolean;
}

class Comparison {
  readonly #options: MirrorOptions;
  readonly #source: Place;
  readonly #target: Place;
  readonly #reader: MirrorReader;
  readonly #extras: MirrorExtras;
  readonly #links: TreeLinks;
  readonly #transfers: MirrorTransfers;
  readonly #makes: string[] = [];
  readonly #notes: { path: string; text: string }[] = [];
  readonly #unsure = new Set<string>();
  readonly #entryCounts = { source: 0, target: 0 };
  #unchangedFiles = 0;

  constructor(options: MirrorOptions) {
    this.#options = options;
    const { source, target, to, links, excludes = [], signal } = options;
    this.#source = source;
    this.#target = target;
    this.#links = new TreeLinks(source, links);
    this.#transfers = new MirrorTransfers(options);
    this.#reader = new MirrorReader({ excludes, signal });
    this.#extras = new MirrorExtras(this.#reader, this.#target, to);
  }

  async run(): Promise<MirrorPlan> {
    const { to, signal, onCompared, direction } = this.#options;
    const top = { path: '', isAtTarget: (await this.#target.stat(to)) !== undefined };
    if (!top.isAtTarget) this.#makes.push(to);
    const pairs: Pair[] = [top];
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
      signal?.throwIfAborted();
      for (const next of (await this.#compare(pair)).toReversed()) pairs.push(next);
      onCompared?.(this.#unchangedFiles + this.#transfers.fileCount);
    }
    const { problems } = this.#reader;
    const { copies, replacements, moveBytes, growthBytes } = this.#transfers;
    return {
      direction,
      makes: this.#makes,
      copies,
      replacements,
      unsure: this.#unsure,
      deletions: problems.length > 0 ? [] : this.#extras.deletions,
      unchangedFiles: this.#unchangedFiles,
      notes: this.#notes,
      skippedLinks: this.#notes.filter(({ text }) => text === LINK_NOTE).length,
      problems,
      entryCounts: this.#countedEntries(),
      moveBytes,
      growthBytes,
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
    for (const name of collidingNames([...source.keys()])) {
      if (!target.has(name)) this.#unsure.add(below(to, joined(path, name)));
    }
    const pathOf = (name: string) => below(to, joined(path, name));
    const exists = async (name: string) => (await this.#target.stat(pathOf(name))) !== undefined;
    const twins = new TargetTwins({ source, target, exists });
    for (const entry of inTreeOrder(source.values())) {
      const twin = await twins.take(entry.name);
      if (twin !== undefined && twin.name !== entry.name) {
        this.#note(joined(path, entry.name), `The target keeps it as ${twin.name}.`);
      }
      const pair = await this.#compareEntry(path, entry, twin);
      if (pair !== undefined) pairs.push(pair);
    }
    if (extras === 'keep') return pairs;
    for (const entry of inTreeOrder(twins.extra)) {
      await this.#extras.add(joined(path, entry.name), entry);
    }
    return pairs;
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

  async #compareEntry(directory: string, listed: Entry, target?: Entry): Promise<Pair | undefined> {
    const { from, to } = this.#options;
    const path = joined(directory, listed.name);
    if (this.#target.kind === 'remote' && !isSendableName(listed.name)) {
      this.#reader.problems.push(unsendableName(below(from, path)));
      return undefined;
    }
    const choice = await this.#links.choose(below(from, directory), listed);
    if ('skip' in choice) return this.#note(path, choice.skip);
    const source = choice.entry;
    if (target !== undefined && target.kind !== source.kind) {
      return this.#note(path, `At the target there is a ${target.kind} of this name.`);
    }
    if (source.kind === 'directory') {
      if (target === undefined) this.#makes.push(below(to, path));
      return { path, isAtTarget: target !== undefined };
    }
    if (target === undefined) this.#transfers.copy(path, source);
    else if (await this.#isSame(path, source, target)) this.#unchangedFiles++;
    else this.#transfers.replace(path, source, target);
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
      const { from, to } = this.#options;
      const file = below(this.#target.kind === 'remote' ? to : from, path);
      throw new Failure('protocol', `The server computes no ${compareBy.digest} of ${file}.`);
    }
    return isSame;
  }

  /** A listing may lack times that the server tells if it is asked. */
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
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
