import { type Entry, joinPath } from '../files/place.ts';
import { globMatcher } from './glob.ts';
import { compareNames, firstIndex, type Row } from './row-order.ts';

/** What was marked. Where it will go was settled when it was marked. */
interface Mark {
  readonly row: Row;
  /** The directory that the other pane showed then. */
  readonly targetDirectory: string;
}

/** Something chosen for a batch. */
export interface Chosen {
  /** Absolute, the name included. */
  readonly path: string;
  readonly entry: Entry;
  readonly targetDirectory: string;
}

/**
 * Of several directories, perhaps. Those of each are in order of name, as rows are: marking a hundred thousand is
 * a walk along both, where tables of names would take long to fill.
 */
export class Marks {
  readonly #directories: ReadonlyMap<string, readonly Mark[]>;
  readonly size: number;
  #all: readonly Chosen[] | undefined;

  constructor(directories: ReadonlyMap<string, readonly Mark[]> = new Map()) {
    this.#directories = directories;
    this.size = [...directories.values()].reduce((sum, { length }) => sum + length, 0);
  }

  in(directory: string): readonly Mark[] {
    return this.#directories.get(joinPath(directory, '')) ?? [];
  }

  has(directory: string, row: Row): boolean {
    return isAt(this.in(directory), row).isThere;
  }

  /** With these as all that is marked in a directory. */
  with(directory: string, marks: readonly Mark[]): Marks {
    const directories = new Map(this.#directories);
    if (marks.length > 0) directories.set(joinPath(directory, ''), marks);
    else directories.delete(joinPath(directory, ''));
    return new Marks(directories);
  }

  without(chosen: readonly Pick<Chosen, 'path'>[]): Marks {
    if (chosen === this.#all) return new Marks();
    const gone = new Set(chosen.map(({ path }) => path));
    const left = [...this.#directories].map(([directory, marks]) => {
      const kept = marks.filter(({ row }) => !gone.has(directory + row.entry.name));
      return [directory, kept] as const;
    });
    return new Marks(new Map(left.filter(([, marks]) => marks.length > 0)));
  }

  /** Those of one directory. */
  chosenIn(directory: string): readonly Chosen[] {
    const path = joinPath(directory, '');
    return this.in(directory).map((mark) => chosenOf(path, mark));
  }

  /** Those of all other directories. */
  chosenOutside(directory: string): readonly Chosen[] {
    return this.with(directory, []).all();
  }

  all(): readonly Chosen[] {
    this.#all ??= [...this.#directories].flatMap(([directory, marks]) =>
      marks.map((mark) => chosenOf(directory, mark)),
    );
    return this.#all;
  }
}

function chosenOf(directory: string, { row: { entry }, targetDirectory }: Mark): Chosen {
  return { path: directory + entry.name, entry, targetDirectory };
}

export interface MarkScene {
  readonly marks: Marks;
  readonly directory: string;
  readonly targetDirectory: string;
}

export function toggleMark({ marks, directory, targetDirectory }: MarkScene, row: Row): Marks {
  const marked = marks.in(directory);
  const { index, isThere } = isAt(marked, row);
  const change = isThere ? [] : [{ row, targetDirectory }];
  return marks.with(directory, marked.toSpliced(index, isThere ? 1 : 0, ...change));
}

/** Rows are in order of name. */
export function invertMarks(scene: MarkScene, rows: readonly Row[]): Marks {
  return remarked(scene, rows, (_, isMarked) => !isMarked);
}

/** Marks all these rows, which are in order of name; takes the marks away if all have one. */
export function markAll(scene: MarkScene, rows: readonly Row[]): Marks {
  const marks = markRows(scene, rows);
  return marks.size > scene.marks.size ? marks : remarked(scene, rows, () => false);
}

/** Marks the rows whose names match, besides what is marked. */
export function markPattern(scene: MarkScene, rows: readonly Row[], pattern: string): Marks {
  const matches = globMatcher(pattern);
  return remarked(scene, rows, ({ entry }, isMarked) => isMarked || matches(entry.name));
}

/** Marks these rows, which are in order of name, besides what is marked. */
export function markRows(scene: MarkScene, rows: readonly Row[]): Marks {
  return remarked(scene, rows, () => true);
}

/** Removes the marks of entries that no longer exist in a directory. */
export function keepMarksOf(marks: Marks, directory: string, rows: readonly Row[]): Marks {
  const marked = marks.in(directory);
  if (marked.length === 0) return marks;
  let next = 0;
  const kept = marked.filter(({ row }) => {
    for (let other = rows[next]; other !== undefined; other = rows[++next]) {
      const order = compareNames(other, row);
      if (order >= 0) return order === 0;
    }
    return false;
  });
  return kept.length === marked.length ? marks : marks.with(directory, kept);
}

/** Replaces the marks of these rows. Other marks stay. */
function remarked(
  { marks, directory, targetDirectory }: MarkScene,
  rows: readonly Row[],
  isMeant: (row: Row, isMarked: boolean) => boolean,
): Marks {
  const marked = marks.in(directory);
  const result: Mark[] = [];
  let next = 0;
  for (const row of rows) {
    let order = compareAt(marked, next, row);
    for (; order < 0; order = compareAt(marked, next, row)) result.push(marked[next++] as Mark);
    const mark = order === 0 ? marked[next++] : undefined;
    if (isMeant(row, mark !== undefined)) result.push(mark ?? { row, targetDirectory });
  }
  for (; next < marked.length; next++) result.push(marked[next] as Mark);
  return marks.with(directory, result);
}

/** Behind the last mark come all other rows. */
function compareAt(marks: readonly Mark[], at: number, row: Row): number {
  const mark = marks[at];
  return mark === undefined ? 1 : compareNames(mark.row, row);
}

/** Where a row's mark is, or would be. */
function isAt(marks: readonly Mark[], row: Row): { index: number; isThere: boolean } {
  const index = firstIndex(marks, (mark) => compareNames(mark.row, row) >= 0);
  return { index, isThere: compareAt(marks, index, row) === 0 };
}
