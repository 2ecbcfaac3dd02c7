import { Failure } from '../../errors/failure.ts';
import type { Algorithm } from '../../files/digest.ts';
import { compareNames, inTreeOrder } from '../../files/name-order.ts';
import type { Entry, Place } from '../../files/place.ts';
import { isSendableName } from '../../local/disk-name.ts';
import { collidingNames } from '../folded-name.ts';
import { compareFacts, type Sameness } from '../same-file.ts';
import { TreeLinks } from '../tree-links.ts';
import { unsendableName } from '../unsendable-name.ts';
import { MirrorExtras } from './mirror-extras.ts';
import { MirrorFindings } from './mirror-findings.ts';
import type { MirrorOptions } from './mirror-options.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { MirrorReader } from './mirror-reader.ts';
import { below } from './mirror-transfers.ts';
import { TargetTwins } from './target-twins.ts';

/** Compares two directories with all below them, and changes nothing. */
export async function planMirror(options: MirrorOptions): Promise<MirrorPlan> {
  return new Comparison(options).run();
}

interface Pair {
  /** Below both directories; empty for themselves. */
  readonly path: string;
  /** Undefined if the target has to be asked. */
  readonly isAtTarget?: boolean;
}

class Comparison {
  readonly #options: MirrorOptions;
  readonly #source: Place;
  readonly #target: Place;
  readonly #reader: MirrorReader;
  readonly #extras: MirrorExtras;
  readonly #links: TreeLinks;
  readonly #found: MirrorFindings;
  readonly #compared = new Set<string>();

  constructor(options: MirrorOptions) {
    this.#options = options;
    const { source, target, to, links, excludes = [], signal } = options;
    this.#source = source;
    this.#target = target;
    this.#links = new TreeLinks(source, links);
    this.#found = new MirrorFindings(options);
    this.#reader = new MirrorReader({ excludes, signal });
    this.#extras = new MirrorExtras(this.#reader, this.#target, to);
  }

  async run(): Promise<MirrorPlan> {
    const { signal, onCompared, directories = [''] } = this.#options;
    const pairs: Pair[] = directories
      .toSorted(compareNames)
      .toReversed()
      .map((path) => ({ path }));
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
      signal?.throwIfAborted();
      for (const next of (await this.#compare(pair)).toReversed()) pairs.push(next);
      onCompared?.(this.#found.comparedFiles);
    }
    return this.#found.plan(this.#reader.problems, this.#extras.deletions);
  }

  /** Gives the directories below that are to be compared next. */
  async #compare(pair: Pair): Promise<readonly Pair[]> {
    const { path } = pair;
    const { from, to } = this.#options;
    if (this.#compared.has(path)) return [];
    this.#compared.add(path);
    const isAtTarget = pair.isAtTarget ?? (await this.#isAtTarget(path));
    const [source, target] = await Promise.all([
      this.#list(this.#source, below(from, path), path),
      isAtTarget ? this.#list(this.#target, below(to, path), path) : new Map<string, Entry>(),
    ]);
    if (source === undefined || target === undefined) return [];
    this.#found.count(source.size, target.size);
    return this.#compareEntries(path, source, target);
  }

  async #compareEntries(
    path: string,
    source: ReadonlyMap<string, Entry>,
    target: ReadonlyMap<string, Entry>,
  ): Promise<readonly Pair[]> {
    const { to, extras } = this.#options;
    const pairs: Pair[] = [];
    for (const name of collidingNames([...source.keys()])) {
      if (!target.has(name)) this.#found.doubt(joined(path, name));
    }
    const pathOf = (name: string) => below(to, joined(path, name));
    const exists = async (name: string) => (await this.#target.stat(pathOf(name))) !== undefined;
    const twins = new TargetTwins({ source, target, exists });
    for (const entry of inTreeOrder(source.values())) {
      const twin = await twins.take(entry.name);
      if (twin !== undefined && twin.name !== entry.name) {
        this.#found.foldsNames = true;
        this.#found.note(joined(path, entry.name), `The target keeps it as ${twin.name}.`);
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
    const { from } = this.#options;
    const path = joined(directory, listed.name);
    if (this.#target.kind === 'remote' && !isSendableName(listed.name)) {
      this.#reader.problems.push(unsendableName(below(from, path)));
      return undefined;
    }
    const choice = await this.#links.choose(below(from, directory), listed);
    if ('skip' in choice) return this.#found.skip(path, choice.skip);
    const source = choice.entry;
    if (target !== undefined && target.kind !== source.kind) {
      return this.#found.skip(path, `At the target there is a ${target.kind} of this name.`);
    }
    if (source.kind === 'directory') {
      if (target === undefined) this.#found.make(path);
      // Where only some directories are compared, those in them are named, too, or new.
      if (target !== undefined && this.#options.directories !== undefined) return undefined;
      return { path, isAtTarget: target !== undefined };
    }
    if (target === undefined) this.#found.transfers.copy(path, source);
    else if (await this.#isSame(path, source, target)) this.#found.unchangedFiles++;
    else this.#found.transfers.replace(path, source, target);
    return undefined;
  }

  async #isAtTarget(path: string): Promise<boolean> {
    const isThere = (await this.#target.stat(below(this.#options.to, path))) !== undefined;
    if (!isThere) this.#found.make(path);
    return isThere;
  }

  async #isSame(path: string, source: Entry, target: Entry): Promise<boolean> {
    if (target.isPartial) return false;
    const { compareBy, algorithm, isDoubted } = this.#options;
    if (compareBy === 'size-and-time') {
      const sameness = await this.#compareFacts(path, source, target);
      if (sameness === 'different') return false;
      if (sameness === 'same' && isDoubted?.(path) !== true) return true;
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
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
