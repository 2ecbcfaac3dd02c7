import type { Entry } from '../place.ts';

export type SortBy = 'name' | 'size' | 'time' | 'type';

export interface Sort {
  readonly by: SortBy;
  readonly direction: 'up' | 'down';
}

/** An entry with what sorting and filtering need, computed once. */
export interface Row {
  readonly entry: Entry;
  /** In lower case, digits padded: strings that compare as people count, `a2` before `a10`. */
  readonly key: string;
  /** In lower case, for the filter. */
  readonly searched: string;
}

const DIGITS = /\d+/g;
const PADDED_DIGITS = 12;

export function naturalKey(name: string): string {
  const lower = name.toLowerCase();
  return /\d/.test(lower)
    ? lower.replace(DIGITS, (digits) => digits.padStart(PADDED_DIGITS, '0'))
    : lower;
}

export function rowOf(entry: Entry): Row {
  return { entry, key: naturalKey(entry.name), searched: entry.name.toLowerCase() };
}

/** Directories come first in every order; what is equal goes by name. */
function compareRows(sort: Sort): (a: Row, b: Row) => number {
  const sign = sort.direction === 'up' ? 1 : -1;
  const compare = COMPARISONS[sort.by];
  return (a, b) => {
    const aFirst = a.entry.kind === 'directory';
    if (aFirst !== (b.entry.kind === 'directory')) return aFirst ? -1 : 1;
    return sign * compare(a, b) || byName(a, b);
  };
}

export function sortRows(rows: readonly Row[], sort: Sort): Row[] {
  return rows.toSorted(compareRows(sort));
}

/** Both must be in this order. A batch is put into a long list without sorting that again. */
export function mergeRows(parts: {
  readonly sorted: readonly Row[];
  readonly batch: readonly Row[];
  readonly sort: Sort;
}): Row[] {
  const { sorted, batch } = parts;
  const compare = compareRows(parts.sort);
  const merged: Row[] = [];
  let next = 0;
  for (const row of batch) {
    for (let held = sorted[next]; held && compare(held, row) <= 0; held = sorted[next]) {
      merged.push(held);
      next += 1;
    }
    merged.push(row);
  }
  for (; next < sorted.length; next += 1) merged.push(sorted[next] as Row);
  return merged;
}

const COMPARISONS: Readonly<Record<SortBy, (a: Row, b: Row) => number>> = {
  name: byName,
  size: (a, b) => (a.entry.sizeBytes ?? -1) - (b.entry.sizeBytes ?? -1),
  time: (a, b) => (a.entry.modifiedMs ?? 0) - (b.entry.modifiedMs ?? 0),
  type: (a, b) => compareText(extension(a), extension(b)),
};

function byName(a: Row, b: Row): number {
  return compareText(a.key, b.key) || compareText(a.entry.name, b.entry.name);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function extension(row: Row): string {
  const dot = row.searched.lastIndexOf('.');
  return dot > 0 ? row.searched.slice(dot + 1) : '';
}
