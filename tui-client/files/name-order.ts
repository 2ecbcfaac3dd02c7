import type { Entry } from './place.ts';

/** Compares by code units, as the listings of the commands do. */
export function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Entries by name: what is no directory comes first. */
export function inTreeOrder(entries: Iterable<Entry>): readonly Entry[] {
  return [...entries].sort(
    (one, other) => rank(one) - rank(other) || compareNames(one.name, other.name),
  );
}

/** Compares paths of files as a walk in tree order finds them: the files of a directory before those below it. */
export function comparePaths(one: string, other: string): number {
  const start = commonDirectory(one, other);
  const isDeep = one.includes('/', start);
  if (isDeep !== other.includes('/', start)) return isDeep ? 1 : -1;
  return compareNames(firstName(one, start), firstName(other, start));
}

function rank({ kind }: Entry): number {
  return kind === 'directory' ? 1 : 0;
}

/** Length of the directories that two paths have in common, the slash at their end included. */
function commonDirectory(one: string, other: string): number {
  let start = 0;
  for (let at = 0; at < one.length && one[at] === other[at]; at += 1) {
    if (one[at] === '/') start = at + 1;
  }
  return start;
}

function firstName(path: string, start: number): string {
  const slash = path.indexOf('/', start);
  return slash === -1 ? path.slice(start) : path.slice(start, slash);
}
