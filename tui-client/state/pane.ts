import { joinPath } from '../files/place.ts';
import {
  type Chosen,
  invertMarks,
  keepMarksOf,
  type MarkScene,
  Marks,
  markAll,
  markPattern,
  markRows,
  toggleMark,
} from './marks.ts';
import type { ListingEvent, MarkEvent, PaneEvent, ViewEvent } from './pane-events.ts';
import { inOrder, mergeRows, type Row, rowNamed, type Sort } from './row-order.ts';

/** One directory being looked at. Plain data, never changed in place. */
export interface Pane {
  readonly place: 'local' | 'remote';
  readonly path: string;
  /** All of the directory, in order of name. */
  readonly all: readonly Row[];
  /** What is left by filter and hidden names, in order of name. */
  readonly shown: readonly Row[];
  /** The same in the order that is wanted: what is drawn, below `..`. */
  readonly rows: readonly Row[];
  /** Index into `..` (unless this is the root) and the rows. */
  readonly cursor: number;
  /** Index of the first line drawn. */
  readonly top: number;
  /** Lines for rows on the screen. */
  readonly height: number;
  readonly marks: Marks;
  /** Marks that a comparison of both panes has set. */
  readonly compared: readonly Chosen[];
  readonly sort: Sort;
  readonly filter: string;
  readonly showsHidden: boolean;
  readonly isLoading: boolean;
  /** A name to stand on as soon as it appears. */
  readonly wanted: string | undefined;
  readonly error: string | undefined;
  /** Why the entries may not be all of the directory. */
  readonly gap: string | undefined;
}

const STILL_READING = 'Not completely read.';

const BY_NAME: Sort = { by: 'name', direction: 'up' };

export function newPane(place: Pane['place'], path: string): Pane {
  return {
    place,
    path,
    all: [],
    shown: [],
    rows: [],
    cursor: 0,
    top: 0,
    height: 10,
    marks: new Marks(),
    compared: [],
    sort: BY_NAME,
    filter: '',
    showsHidden: false,
    isLoading: false,
    wanted: undefined,
    error: undefined,
    gap: undefined,
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
export function chosenEntries(pane: Pane, targetDirectory: string): readonly Chosen[] {
  if (pane.marks.size > 0) return pane.marks.all();
  const row = rowUnderCursor(pane);
  if (!row) return [];
  return [{ path: joinPath(pane.path, row.entry.name), entry: row.entry, targetDirectory }];
}

/** The same in the directory in sight only: for what cannot be undone. */
export function chosenInSight(pane: Pane): readonly Chosen[] {
  const marked = pane.marks.chosenIn(pane.path);
  return marked.length > 0 ? marked : chosenEntries({ ...pane, marks: new Marks() }, pane.path);
}

/** The pane without the marks that a comparison has set, which hold only for the directories compared. */
export function withoutCompared(pane: Pane): Pane {
  if (pane.compared.length === 0) return pane;
  return { ...pane, marks: pane.marks.without(pane.compared), compared: [] };
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
    case 'rowsMarked':
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
          all: event.rows,
          filter: '',
          cursor: 0,
          top: 0,
          wanted: event.wanted,
          gap: STILL_READING,
        }),
      );
    case 'more':
      return withMore(pane, event.rows);
    case 'complete':
      return { ...pane, isLoading: false, wanted: undefined, gap: event.gap, error: event.gap };
    case 'refreshed': {
      const marks = keepMarksOf(pane.marks, pane.path, event.rows);
      const { rows: all, gap } = event;
      return keepPosition(pane, view({ ...pane, all, marks, isLoading: false, gap, error: gap }));
    }
    case 'failed':
      return { ...pane, isLoading: false, error: event.message };
  }
}

function withMore(pane: Pane, more: readonly Row[]): Pane {
  const { sort } = pane;
  const moreShown = more.filter(shownIn(pane));
  const all = mergeRows({ sorted: pane.all, batch: more, sort: BY_NAME });
  const hidesNone = pane.shown === pane.all && moreShown.length === more.length;
  const shown = hidesNone
    ? all
    : mergeRows({ sorted: pane.shown, batch: moreShown, sort: BY_NAME });
  const rows =
    pane.rows === pane.shown
      ? shown
      : mergeRows({ sorted: pane.rows, batch: inOrder(moreShown, sort), sort });
  const longer: Pane = { ...pane, all, shown, rows };
  // A user who has not moved yet stays at the top and sees the first rows.
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
      return keepPosition(pane, { ...pane, sort, rows: inOrder(pane.shown, sort) });
    }
    case 'hiddenToggled':
      return keepPosition(pane, view({ ...pane, showsHidden: !pane.showsHidden }));
  }
}

function updateMarks(pane: Pane, event: MarkEvent): Pane {
  switch (event.type) {
    case 'marked': {
      const row = rowUnderCursor(pane);
      const marks = row ? toggleMark(scene(pane, event), row) : pane.marks;
      return moveTo({ ...pane, marks }, pane.cursor + 1);
    }
    case 'allMarked':
      return { ...pane, marks: markAll(scene(pane, event), pane.shown) };
    case 'marksInverted':
      return { ...pane, marks: invertMarks(scene(pane, event), pane.shown) };
    case 'patternMarked':
      return { ...pane, marks: markPattern(scene(pane, event), pane.shown, event.pattern) };
    case 'rowsMarked': {
      const marks = markRows(scene(pane, event), event.rows);
      return { ...pane, marks, compared: marks.chosenIn(pane.path) };
    }
    case 'marksCleared':
      return { ...pane, marks: new Marks(), compared: [] };
    case 'unmarked':
      return { ...pane, marks: pane.marks.without(event.chosen) };
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
  const isVisible = ({ isHidden }: Row) => showsHidden || !isHidden;
  if (filter === '') return isVisible;
  return (row) => row.searched.includes(filter) && isVisible(row);
}

/** With the rows that follow from the rest. */
function view(pane: Pane): Pane {
  const left = pane.all.filter(shownIn(pane));
  const shown = left.length === pane.all.length ? pane.all : left;
  return { ...pane, shown, rows: inOrder(shown, pane.sort) };
}

/** `next` with the cursor on the entry that it is on in `before`. */
function keepPosition(before: Pane, next: Pane): Pane {
  return standOn(next, rowUnderCursor(before)?.entry.name, before.cursor);
}

/** Puts the cursor on the wanted name as soon as it exists. */
function moveToName(pane: Pane): Pane {
  const index = pane.wanted === undefined ? -1 : lineNamed(pane, pane.wanted);
  return index < 0 ? scrolled(pane) : moveTo({ ...pane, wanted: undefined }, index);
}

function standOn(pane: Pane, name: string | undefined, otherwise: number): Pane {
  const index = name === undefined ? -1 : lineNamed(pane, name);
  return moveTo(pane, index < 0 ? otherwise : index);
}

/** Where the entry with this name is; -1 if it is not shown. */
function lineNamed(pane: Pane, name: string): number {
  const row = rowNamed(pane.shown, name);
  return row === undefined ? -1 : pane.rows.indexOf(row) + parentLines(pane);
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
