import type { Entry } from '../files/place.ts';
import { orderOf } from './number-order.ts';

export type SortBy = 'name' | 'size' | 'time' | 'type';

export interface Sort {
  readonly by: SortBy;
  readonly direction: 'up' | 'down';
}

/** An entry with what sorting and filtering need, computed once: looks into other objects are what takes long. */
export interface Row {
  readonly entry: Entry;
  readonly isDirectory: boolean;
  readonly isHidden: boolean;
  /** In lower case, digits padded: strings that compare as people count, `a2` before `a10`. */
  readonly key: string;
  /** In lower case, for the filter. */
  readonly searched: string;
  /** What the name ends with, in lower case: `jpg`. */
  readonly type: string;
}

const DIGITS = /\d+/g;
const PADDED_DIGITS = 12;

function naturalKey(searched: string): string {
  return searched.replace(DIGITS, (digits) => digits.padStart(PADDED_DIGITS, '0'));
}

/** Each type once: equal strings that are one are quickly compared. */
export type KnownTypes = Map<string, string>;

function rowOf(entry: Entry, types: KnownTypes): Row {
  const searched = entry.name.toLowerCase();
  const dot = searched.lastIndexOf('.');
  return {
    entry,
    isDirectory: entry.kind === 'directory',
    isHidden: searched.startsWith('.'),
    key: naturalKey(searched),
    searched,
    type: known(types, dot > 0 ? searched.slice(dot + 1) : ''),
  };
}

function known(types: KnownTypes, type: string): string {
  const same = types.get(type);
  if (same === undefined) types.set(type, type);
  return same ?? type;
}

/** In the order that all others are made from: directories, then files, by name. */
export function rowsByName(entries: readonly Entry[], types: KnownTypes = new Map()): Row[] {
  return entries.map((entry) => rowOf(entry, types)).sort(compareNames);
}

/** Zero only for the same name. */
export function compareNames(a: Row, b: Row): number {
  if (a === b) return 0;
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
  return byName(a, b);
}

/** Of the first item that is so, in a list where all behind it are so, too; else the length. */
export function firstIndex<Item>(items: readonly Item[], isSo: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const NOTHING_KNOWN = { sizeBytes: undefined, modifiedMs: undefined, mode: undefined };

/** The row with this name. */
export function rowNamed(byName: readonly Row[], name: string): Row | undefined {
  for (const kind of ['file', 'directory'] as const) {
    const [wanted] = rowsByName([{ ...NOTHING_KNOWN, name, kind }]);
    const row = byName[firstIndex(byName, (one) => compareNames(one, wanted as Row) >= 0)];
    if (row?.entry.name === name) return row;
  }
  return undefined;
}

/** Rows that are in order of name, in another order. What is equal stays in order of name. */
export function inOrder(byName: readonly Row[], sort: Sort): readonly Row[] {
  if (sort.by === 'name' && sort.direction === 'up') return byName;
  const firstFile = firstIndex(byName, ({ isDirectory }) => !isDirectory);
  const [directories, files] = [byName.slice(0, firstFile), byName.slice(firstFile)];
  return ordered(directories, sort).concat(ordered(files, sort));
}

function ordered(rows: readonly Row[], { by, direction }: Sort): readonly Row[] {
  switch (by) {
    case 'name':
      return direction === 'up' ? rows : rows.toReversed();
    case 'type':
      return byType(rows, direction);
    case 'size':
    case 'time': {
      const sign = direction === 'up' ? 1 : -1;
      const numberOf = NUMBERS[by];
      const numbers = new Float64Array(rows.length);
      rows.forEach((row, index) => {
        numbers[index] = sign * numberOf(row);
      });
      const inOrderOf: Row[] = [];
      for (const index of orderOf(numbers)) inOrderOf.push(rows[index] as Row);
      return inOrderOf;
    }
  }
}

function byType(rows: readonly Row[], direction: Sort['direction']): readonly Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.type);
    if (group === undefined) groups.set(row.type, [row]);
    else group.push(row);
  }
  const types = [...groups.keys()].sort();
  if (direction === 'down') types.reverse();
  return types.flatMap((type) => groups.get(type) ?? []);
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

const NUMBERS: Readonly<Record<'size' | 'time', (row: Row) => number>> = {
  size: ({ entry }) => entry.sizeBytes ?? -1,
  time: ({ entry }) => entry.modifiedMs ?? entry.approximateTime?.ms ?? 0,
};

const COMPARISONS: Readonly<Record<SortBy, (a: Row, b: Row) => number>> = {
  name: byName,
  size: (a, b) => NUMBERS.size(a) - NUMBERS.size(b),
  time: (a, b) => NUMBERS.time(a) - NUMBERS.time(b),
  type: (a, b) => compareText(a.type, b.type),
};

/** Directories come first in every order; equal entries are sorted by name. */
function compareRows(sort: Sort): (a: Row, b: Row) => number {
  if (sort.by === 'name' && sort.direction === 'up') return compareNames;
  const sign = sort.direction === 'up' ? 1 : -1;
  const compare = COMPARISONS[sort.by];
  return (a, b) => {
    if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
    return sign * compare(a, b) || byName(a, b);
  };
}

function byName(a: Row, b: Row): number {
  return compareText(a.key, b.key) || compareText(a.entry.name, b.entry.name);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
