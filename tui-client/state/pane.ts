import { type Entry, joinPath } from '../place.ts';
import {
  type MarkScene,
  type Marks,
  markAll,
  markNames,
  markPattern,
  toggleMarks,
} from './marks.ts';
import type { ListingEvent, MarkEvent, PaneEvent, ViewEvent } from './pane-events.ts';
import { parentOf } from './path-parts.ts';
import { mergeRows, type Row, rowOf, type Sort, sortRows } from './row-order.ts';

/** One directory being looked at. Plain data, never changed in place. */
export interface Pane {
  readonly place: 'local' | 'remote';
  readonly path: string;
  /** All of the directory, in order. */
  readonly all: readonly Row[];
  /** What is left by filter and hidden names: what is drawn, below `..`. */
  readonly rows: readonly Row[];
  /** Index into `..` (unless this is the root) and the rows. */
  readonly cursor: number;
  /** Index of the first line drawn. */
  readonly top: number;
  /** Lines for rows on the screen. */
  readonly height: number;
  readonly marks: Marks;
  readonly sort: Sort;
  readonly filter: string;
  readonly showsHidden: boolean;
  readonly isLoading: boolean;
  /** A name to stand on as soon as it appears. */
  readonly wanted: string | undefined;
  readonly error: string | undefined;
}

export function newPane(place: Pane['place'], path: string): Pane {
  return {
    place,
    path,
    all: [],
    rows: [],
    cursor: 0,
    top: 0,
    height: 10,
    marks: new Map(),
    sort: { by: 'name', direction: 'up' },
    filter: '',
    showsHidden: false,
    isLoading: false,
    wanted: undefined,
    error: undefined,
  };
}

/** `..` counts. */
export function lineCount(pane: Pane): number {
  return pane.rows.length + parentLines(pane);
}

/** Undefined for `..`. */
export function rowAt(pane: Pane, line: number): Row | undefined {
  return pane.rows[line - parentLines(pane)];
}

export function rowUnderCursor(pane: Pane): Row | undefined {
  return rowAt(pane, pane.cursor);
}

function parentLines(pane: Pick<Pane, 'path'>): 0 | 1 {
  return pane.path === '/' ? 0 : 1;
}

/** What an action is about: the marked entries or, without marks, the one under the cursor. */
export function chosenEntries(
  pane: Pane,
  targetDirectory: string,
): readonly { path: string; entry: Entry; targetDirectory: string }[] {
  if (pane.marks.size > 0) return [...pane.marks.values()];
  const row = rowUnderCursor(pane);
  if (!row) return [];
  return [{ path: joinPath(pane.path, row.entry.name), entry: row.entry, targetDirectory }];
}

export function updatePane(pane: Pane, event: PaneEvent): Pane {
  switch (event.type) {
    case 'opening':
    case 'entered':
    case 'more':
    case 'complete':
    case 'refreshed':
    case 'failed':
      return updateListing(pane, event);
    case 'moved':
      return moveTo(pane, pane.cursor + event.by);
    case 'paged':
      return moveTo(pane, pane.cursor + event.by * Math.max(1, pane.height - 1));
    case 'movedTo':
      return moveTo(pane, event.index);
    case 'movedToName':
      return moveToName({ ...pane, wanted: event.name });
    case 'resized':
      return scrolled({ ...pane, height: Math.max(1, event.height) });
    case 'filtered':
    case 'sorted':
    case 'hiddenToggled':
      return updateView(pane, event);
    case 'marked':
    case 'allMarked':
    case 'marksInverted':
    case 'patternMarked':
    case 'namesMarked':
    case 'marksCleared':
    case 'unmarked':
      return updateMarks(pane, event);
  }
}

function updateListing(pane: Pane, event: ListingEvent): Pane {
  switch (event.type) {
    case 'opening':
      return { ...pane, isLoading: true, error: undefined };
    case 'entered':
      return moveToName(
        view({
          ...pane,
          path: event.path,
          all: sortRows(event.entries.map(rowOf), pane.sort),
          filter: '',
          cursor: 0,
          top: 0,
          wanted: event.wanted,
        }),
      );
    case 'more':
      return withMore(pane, event.entries);
    case 'complete':
      return { ...pane, isLoading: false, wanted: undefined };
    case 'refreshed': {
      const all = sortRows(event.entries.map(rowOf), pane.sort);
      return withoutLostMarks(keepPosition(pane, { ...pane, all, isLoading: false }));
    }
    case 'failed':
      return { ...pane, isLoading: false, error: event.message };
  }
}

function withMore(pane: Pane, entries: readonly Entry[]): Pane {
  const batch = sortRows(entries.map(rowOf), pane.sort);
  const merge = (sorted: readonly Row[], rows: readonly Row[]) =>
    mergeRows({ sorted, batch: rows, sort: pane.sort });
  const shown = batch.filter(shownIn(pane));
  const hidesNone = pane.rows.length === pane.all.length && shown.length === batch.length;
  const all = merge(pane.all, batch);
  const longer: Pane = { ...pane, all, rows: hidesNone ? all : merge(pane.rows, shown) };
  // Somebody who has not moved yet stays at the top and sees the first rows, whichever they are.
  return pane.cursor === 0 || pane.wanted !== undefined
    ? moveToName(longer)
    : standOn(longer, rowUnderCursor(pane)?.entry.name, pane.cursor);
}

function updateView(pane: Pane, event: ViewEvent): Pane {
  switch (event.type) {
    case 'filtered': {
      const filtered = view({ ...pane, filter: event.filter });
      if (event.filter === '') {
        return standOn(filtered, rowUnderCursor(pane)?.entry.name, pane.cursor);
      }
      return moveTo({ ...filtered, top: 0 }, parentLines(pane));
    }
    case 'sorted': {
      const isSame = pane.sort.by === event.by;
      const direction = isSame && pane.sort.direction === 'up' ? 'down' : 'up';
      const sort: Sort = { by: event.by, direction };
      return keepPosition(pane, { ...pane, sort, all: sortRows(pane.all, sort) });
    }
    case 'hiddenToggled':
      return keepPosition(pane, { ...pane, showsHidden: !pane.showsHidden });
  }
}

function updateMarks(pane: Pane, event: MarkEvent): Pane {
  switch (event.type) {
    case 'marked': {
      const row = rowUnderCursor(pane);
      const marks = row ? toggleMarks(scene(pane, event), [row]) : pane.marks;
      return moveTo({ ...pane, marks }, pane.cursor + 1);
    }
    case 'allMarked':
      return { ...pane, marks: markAll(scene(pane, event), pane.rows) };
    case 'marksInverted':
      return { ...pane, marks: toggleMarks(scene(pane, event), pane.rows) };
    case 'patternMarked':
      return { ...pane, marks: markPattern(scene(pane, event), pane.rows, event.pattern) };
    case 'namesMarked':
      return { ...pane, marks: markNames(scene(pane, event), pane.rows, event.names) };
    case 'marksCleared':
      return { ...pane, marks: new Map() };
    case 'unmarked': {
      const marks = new Map(pane.marks);
      for (const path of event.paths) marks.delete(path);
      return { ...pane, marks };
    }
  }
}

function scene(pane: Pane, event: { readonly targetDirectory: string }): MarkScene {
  return {
    marks: pane.marks,
    directory: pane.path,
    targetDirectory: event.targetDirectory,
  };
}

function shownIn(pane: Pick<Pane, 'filter' | 'showsHidden'>): (row: Row) => boolean {
  const { showsHidden } = pane;
  const filter = pane.filter.toLowerCase();
  return (row) =>
    (showsHidden || !row.searched.startsWith('.')) &&
    (filter === '' || row.searched.includes(filter));
}

function view(pane: Pane): Pane {
  return { ...pane, rows: pane.all.filter(shownIn(pane)) };
}

/** The rows of `next` made anew, with the cursor on the entry that it is on in `before`. */
function keepPosition(before: Pane, next: Pane): Pane {
  return standOn(view(next), rowUnderCursor(before)?.entry.name, before.cursor);
}

/** Puts the cursor on the wanted name, once it is there. */
function moveToName(pane: Pane): Pane {
  if (pane.wanted === undefined) return scrolled(pane);
  const index = pane.rows.findIndex(({ entry }) => entry.name === pane.wanted);
  if (index < 0) return scrolled(pane);
  return moveTo({ ...pane, wanted: undefined }, index + parentLines(pane));
}

function standOn(pane: Pane, name: string | undefined, otherwise: number): Pane {
  if (name === undefined) return moveTo(pane, otherwise);
  const at = pane.rows[otherwise - parentLines(pane)]?.entry.name === name;
  const index = at
    ? otherwise - parentLines(pane)
    : pane.rows.findIndex((row) => row.entry.name === name);
  return moveTo(pane, index < 0 ? otherwise : index + parentLines(pane));
}

function moveTo(pane: Pane, index: number): Pane {
  const cursor = Math.max(0, Math.min(index, lineCount(pane) - 1));
  return scrolled({ ...pane, cursor });
}

/** The cursor is on the screen, and no line below the last is shown while there are more above. */
function scrolled(pane: Pane): Pane {
  const lowest = Math.max(0, lineCount(pane) - pane.height);
  const cursor = Math.max(0, Math.min(pane.cursor, lineCount(pane) - 1));
  const top = Math.min(Math.max(pane.top, cursor - pane.height + 1), cursor, lowest);
  return top === pane.top && cursor === pane.cursor ? pane : { ...pane, top, cursor };
}

function withoutLostMarks(pane: Pane): Pane {
  if (pane.marks.size === 0) return pane;
  const here = new Set(pane.all.map(({ entry }) => joinPath(pane.path, entry.name)));
  const marks = new Map(
    [...pane.marks].filter(
      ([path]) => here.has(path) || joinPath(parentOf(path), '') !== joinPath(pane.path, ''),
    ),
  );
  return marks.size === pane.marks.size ? pane : { ...pane, marks };
}
