import type { Content, Octets } from './content.ts';
import {
  difference,
  exact,
  exactPartial,
  fileAt,
  type Observed,
  type Tree,
  visibleAt,
  withEntry,
  withPartial,
} from './tree.ts';

/** What may come of something that is under way, should its reply be lost. */
type Outcomes = (before: Tree) => readonly Tree[];

/** Trees that are alike for all that is known are many at most. */
const ALTERNATIVES_AT_MOST = 512;

/**
 * What may be on the disk for one client: nobody but this client changes its directory, so mostly one tree, and
 * as many as there are outcomes where a reply was lost.
 */
export class ClientModel {
  readonly home: string;
  readonly #octets: Octets;
  #trees: readonly Tree[];
  #underWay: Outcomes | undefined;
  /** Names that an upload whose end nobody told may still be working on. */
  readonly #unsettled = new Set<string>();

  constructor(home: string, octets: Octets) {
    this.home = home;
    this.#octets = octets;
    this.#trees = [new Map([[home, { kind: 'directory' }]])];
  }

  get trees(): readonly Tree[] {
    return this.#underWay === undefined ? this.#trees : this.#trees.flatMap(this.#underWay);
  }

  /** Any of the trees; they agree on all names that are settled. */
  get tree(): Tree {
    return this.#trees[0] ?? new Map();
  }

  isSettled(path: string): boolean {
    return ![...this.#unsettled].some(
      (name) => name === path || name.startsWith(`${path}/`) || path.startsWith(`${name}/`),
    );
  }

  begin(outcomes: Outcomes): void {
    // Of something before, the reply was lost.
    this.#trees = this.trees.slice(0, ALTERNATIVES_AT_MOST);
    this.#underWay = outcomes;
  }

  /** The reply has come: so it is now. */
  settle(after: (before: Tree) => Tree): void {
    this.#underWay = undefined;
    this.#trees = this.#trees.map(after);
  }

  /** No reply will come. `path` is what the server may still be at. */
  lose(path: string): void {
    this.#trees = this.trees.slice(0, ALTERNATIVES_AT_MOST);
    this.#underWay = undefined;
    this.#unsettled.add(path);
  }

  /** Something failed, and this is what its name shows now. @returns whether that can be. */
  observe(path: string, shown: Buffer | undefined): boolean {
    const fitting = this.trees.flatMap((tree) => {
      const known = asShown(tree, path, shown, this.#octets);
      return known === undefined ? [] : [known];
    });
    this.#underWay = undefined;
    this.#trees = distinct(fitting);
    return fitting.length > 0;
  }

  /** Compares with the disk, while nothing is under way. @returns what is wrong. */
  compare(seen: Observed): string | undefined {
    const { trees } = this;
    const fitting = trees.filter((tree) => difference(tree, seen, this.#octets) === undefined);
    const [first] = fitting;
    if (first !== undefined) {
      this.#underWay = undefined;
      this.#unsettled.clear();
      this.#trees = [exact(first, seen)];
      return undefined;
    }
    const reasons = trees.map((tree) => difference(tree, seen, this.#octets));
    return [...new Set(reasons)].slice(0, 4).join('; or: ');
  }

  /** The names of files, partials and directories below the client's own directory. */
  paths(kind: 'file' | 'directory'): string[] {
    const entries = [...this.tree].filter(([path, entry]) => {
      return entry.kind === kind && path !== this.home && this.isSettled(path);
    });
    return entries.map(([path]) => path);
  }
}

/** The tree in which a name shows these octets, if that can be. */
function asShown(
  tree: Tree,
  path: string,
  shown: Buffer | undefined,
  octets: Octets,
): Tree | undefined {
  const { partial } = fileAt(tree, path);
  if (shown === undefined) return visibleAt(tree, path) === undefined ? tree : undefined;
  if (partial !== undefined) {
    const { content, minBytes, maxBytes } = partial;
    const fits = shown.length >= minBytes && shown.length <= maxBytes;
    if (!fits || !octets.areStartOf(shown, content)) return undefined;
    return withPartial(tree, path, exactPartial(content, shown.length));
  }
  const file = visibleAt(tree, path);
  return file !== undefined && octets.are(shown, file) ? tree : undefined;
}

function distinct(trees: readonly Tree[]): Tree[] {
  return [...new Map(trees.map((tree) => [JSON.stringify([...tree].sort(byPath)), tree])).values()];
}

function byPath([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

export interface UploadUnderWay {
  readonly path: string;
  readonly content: Content;
  /** Where in the content this upload begins. */
  readonly offsetBytes: number;
  readonly verb: 'STOR' | 'APPE' | 'STOU';
  sentBytes: number;
  /** Whether the end of the data was told. */
  isEnded: boolean;
}

/** What an upload may leave if nobody hears how it ended. */
export function outcomesOf(upload: UploadUnderWay): Outcomes {
  return (before) => {
    const { path, content, offsetBytes, verb, sentBytes, isEnded } = upload;
    const outcomes = [before];
    const { partial } = fileAt(before, path);
    const isFresh = verb === 'STOR' && offsetBytes === 0;
    // It loses its name to what is published there; cut by the quota, it goes when another upload needs its room.
    if (partial !== undefined) outcomes.push(withPartial(before, path, undefined));
    const minBytes = partial !== undefined && !isFresh ? offsetBytes : offsetBytes + 1;
    const maxBytes = offsetBytes + sentBytes;
    if (maxBytes >= minBytes && verb !== 'STOU' && !isAddedToFile(before, upload)) {
      outcomes.push(withPartial(before, path, { content, minBytes, maxBytes }));
    }
    if (isEnded) outcomes.push(published(before, path, content));
    return outcomes;
  };
}

/** What has come of an append to a file is no beginning of the file. */
function isAddedToFile(tree: Tree, { path, verb }: UploadUnderWay): boolean {
  const { file, partial } = fileAt(tree, path);
  return verb === 'APPE' && partial === undefined && file !== undefined;
}

export function published(tree: Tree, path: string, content: Content): Tree {
  return withEntry(tree, path, { kind: 'file', file: content, partial: undefined });
}

/** What a rename may leave: a crash can come between the disk and what is written down of partials. */
export function renameOutcomes(
  tree: Tree,
  after: Tree,
  { from, to }: { from: string; to: string },
) {
  const outcomes = [tree, after];
  // First the partial of the new name loses it, then the file is renamed, then the partial follows.
  if (fileAt(tree, to).partial !== undefined) outcomes.push(withPartial(tree, to, undefined));
  if (fileAt(tree, from).partial !== undefined) {
    outcomes.push(withPartial(after, to, undefined));
    if (fileAt(tree, from).file === undefined) outcomes.push(withPartial(tree, to, undefined));
  }
  const leftBehind = [...tree].filter(
    ([path, entry]) =>
      path.startsWith(`${from}/`) && entry.kind === 'file' && entry.partial !== undefined,
  );
  if (leftBehind.length > 0) outcomes.push(partialsLeftBehind(after, leftBehind, { from, to }));
  return outcomes;
}

/**
 * The directory has moved, and its partials are found where it was: but for those that were to replace a file, which has
 * moved with the directory.
 */
function partialsLeftBehind(
  after: Tree,
  leftBehind: readonly (readonly [string, unknown])[],
  { from, to }: { from: string; to: string },
): Tree {
  let tree = after;
  for (const [path] of leftBehind) {
    const newPath = `${to}${path.slice(from.length)}`;
    const { file, partial } = fileAt(after, newPath);
    tree = withPartial(tree, newPath, undefined);
    if (file !== undefined) continue;
    tree = withPartial(withEntry(tree, from, { kind: 'directory' }), path, partial);
  }
  return tree;
}
