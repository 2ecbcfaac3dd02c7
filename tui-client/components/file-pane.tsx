import { type ReactElement, useMemo } from 'react';
import { modeLetters } from '../files/mode-change.ts';
import type { Entry } from '../files/place.ts';
import {
  approximateDate,
  displayName,
  fullDate,
  groupedNumber,
  shortApproximateDate,
  shortBytes,
  shortDate,
} from '../text/format.ts';
import { cutEnd, cutMiddle, padEnd, padStart } from '../text/text-width.ts';
import { frameRows, insideFrame } from './frame.ts';
import { Painted } from './painted.tsx';
import { paintRow, type Span } from './spans.ts';
import type { Role, Theme } from './theme.ts';

/** One line of a pane: `..` or an entry. */
export type PaneLine = 'parent' | { readonly entry: Entry; readonly isMarked: boolean };

export interface FilePaneProps {
  readonly theme: Theme;
  readonly width: number;
  /** With its borders. */
  readonly height: number;
  readonly nowMs: number;
  readonly path: string;
  /** The lines that are on the screen, the first on top. */
  readonly lines: readonly PaneLine[];
  /** Which of them the cursor is on; undefined if none. */
  readonly cursor: number | undefined;
  readonly isActive: boolean;
  readonly sort: {
    readonly by: 'name' | 'size' | 'time' | 'type';
    readonly direction: 'up' | 'down';
  };
  /** Of the directory, as filtered. */
  readonly entryCount: number;
  readonly markedCount: number;
  /** Entries that are not shown because their names begin with a dot. */
  readonly hiddenCount?: number;
  readonly filter: string;
  /** Keys go to the filter. */
  readonly isFiltering: boolean;
  readonly isLoading: boolean;
  readonly error: string | undefined;
  /** The connection is lost: what is shown may be out of date. */
  readonly isStale?: boolean;
}

const BORDER_COLUMNS = 2;
const SIZE_WIDTH = 8;
const DATE_WIDTH = 13;
const FULL_DATE_WIDTH = 21;
const MODE_WIDTH = 11;
const OWNER_WIDTH = 10;

/** With less, the dates go; with still less, the sizes. */
const WIDTH_FOR_DATES = 36;
const WIDTH_FOR_SIZES = 24;
/** Of a whole pane: from here on more is shown. */
const WIDTH_FOR_FULL_DATES = 50;
const WIDTH_FOR_MODES = 70;
const WIDTH_FOR_OWNERS = 90;

/** Lines for entries in a pane of this height: without borders and headings. */
export function paneLineCount(height: number): number {
  return Math.max(0, height - 3);
}

/** A directory: its entries with size and date, marks and cursor. */
export function FilePane(props: FilePaneProps): ReactElement {
  const rows = useMemo(() => paneRows(props), [props]);
  return <Painted rows={rows} width={props.width} />;
}

/** The same as painted rows. */
export function paneRows(props: FilePaneProps): readonly string[] {
  const { theme, width, height, isActive } = props;
  const inside = insideFrame(width);
  const count = paneLineCount(height);
  const entryRows = Array.from({ length: count }, (_, index) => lineRow(props, index));
  return frameRows(
    theme,
    {
      width,
      border: isActive ? 'borderActive' : 'border',
      title: displayName(props.path),
      titleEnd: 'end',
      titleRole: isActive ? 'title' : 'plain',
      note: countNote(props),
      bottom: stateSpans(props),
    },
    [headingRow(props, inside), ...entryRows].slice(0, Math.max(0, height - 2)),
  );
}

function countNote({ entryCount, markedCount }: FilePaneProps): string {
  const all = groupedNumber(entryCount);
  return markedCount > 0 ? `${groupedNumber(markedCount)} of ${all}` : all;
}

/** In the lower border: what the pane is doing. */
function stateSpans(props: FilePaneProps): readonly Span[] {
  const { theme, error, isLoading, isFiltering, filter } = props;
  if (error !== undefined) return [['bad', `${theme.signs.failed} ${displayName(error)}`]];
  const spans: Span[] = [];
  if (isFiltering || filter !== '') {
    const room = Math.max(4, props.width - 18);
    spans.push(['key', '/'], cutEnd(displayName(filter), room, theme.signs.cut));
    if (isFiltering) spans.push(['textCursor', ' ']);
  }
  if (isLoading)
    spans.push(['busy', `${spans.length > 0 ? ' ' : ''}reading ${theme.signs.waiting}`]);
  return spans;
}

function headingRow({ theme, sort, isStale }: FilePaneProps, inside: number): string {
  const arrow = sort.direction === 'up' ? theme.signs.ascending : theme.signs.descending;
  const heading = (by: typeof sort.by, word: string) =>
    sort.by === by ? `${word} ${arrow}` : word;
  const name = sort.by === 'type' ? `Name, by type ${arrow}` : heading('name', 'Name');
  const cells = layout(inside, {
    sign: ' ',
    name: isStale ? `${name}  (offline)` : name,
    size: heading('size', 'Size'),
    date: heading('time', 'Modified'),
    fullDate: heading('time', 'Modified'),
    mode: 'Mode',
    owner: 'Owner',
    cut: theme.signs.cut,
  });
  return paintRow(theme, [['label', cells.join('')]], { width: inside });
}

function lineRow(props: FilePaneProps, index: number): string {
  const { theme, lines, width } = props;
  const line = lines[index];
  const inside = insideFrame(width);
  if (line === undefined)
    return index === lines.length ? emptyRow(props, inside) : ' '.repeat(inside);
  const cells = layout(inside, { ...lineCells(props, line), cut: theme.signs.cut });
  const cursor = cursorRole(props, index);
  if (cursor !== undefined) return paintRow(theme, [[cursor, cells.join('')]], { width: inside });
  const [sign, name, ...facts] = cells;
  const isMarked = line !== 'parent' && line.isMarked;
  const role = isMarked ? 'marked' : nameRole(line);
  const spans: Span[] = [
    [isMarked ? 'marked' : 'partial', sign ?? ''],
    [props.isStale ? 'dim' : role, name ?? ''],
    [isMarked ? 'marked' : props.isStale ? 'dim' : 'plain', facts.join('')],
  ];
  return paintRow(theme, spans, { width: inside });
}

/** What is said where the first entry would be. */
function emptyRow(props: FilePaneProps, inside: number): string {
  const { theme, entryCount, isLoading, error, filter, hiddenCount = 0 } = props;
  if (entryCount > 0 || isLoading || error !== undefined) return ' '.repeat(inside);
  const hidden = hiddenCount > 0 ? `, ${groupedNumber(hiddenCount)} hidden` : '';
  const text = filter === '' ? `(empty${hidden})` : '(no match)';
  return paintRow(theme, [['dim', ` ${text}`]], { width: inside });
}

function cursorRole({ cursor, isActive, lines }: FilePaneProps, index: number): Role | undefined {
  if (index !== cursor) return undefined;
  if (!isActive) return 'cursorIdle';
  const line = lines[index];
  return line !== undefined && line !== 'parent' && line.isMarked ? 'markedCursor' : 'cursor';
}

function nameRole(line: PaneLine): Role {
  if (line === 'parent') return 'directory';
  if (line.entry.isPartial) return 'partial';
  if (line.entry.kind === 'directory') return 'directory';
  return line.entry.kind === 'link' ? 'link' : 'plain';
}

interface Cells {
  readonly sign: string;
  readonly name: string;
  readonly size: string;
  readonly date: string;
  readonly fullDate: string;
  readonly mode: string;
  readonly owner: string;
}

function lineCells({ theme, nowMs }: FilePaneProps, line: PaneLine): Cells {
  if (line === 'parent') {
    return { sign: ' ', name: '..', size: '', date: '', fullDate: '', mode: '', owner: '' };
  }
  const { entry, isMarked } = line;
  const partial = entry.isPartial ? theme.signs.partial : ' ';
  return {
    sign: isMarked ? theme.signs.marked : partial,
    name: displayName(entry.name) + kindSign(theme, entry),
    size: entry.kind === 'directory' ? '<dir>' : shortBytes(entry.sizeBytes),
    date: shortDate(entry.modifiedMs, nowMs) || shortApproximateDate(entry.approximateTime, nowMs),
    fullDate: fullDate(entry.modifiedMs) || approximateDate(entry.approximateTime),
    mode: entry.mode === undefined ? '' : modeLetters(entry.mode),
    owner: cutEnd(displayName(entry.owner ?? ''), OWNER_WIDTH - 2, theme.signs.cut),
  };
}

function kindSign(theme: Theme, { kind }: Entry): string {
  if (kind === 'directory') return '/';
  return kind === 'link' ? theme.signs.link : '';
}

/** Sign, name, and the facts for which there is room; together as wide as the inside. */
function layout(inside: number, cells: Cells & { readonly cut: string }): readonly string[] {
  const facts: string[] = [];
  if (inside >= WIDTH_FOR_SIZES) facts.push(padStart(cells.size, SIZE_WIDTH));
  const width = inside + BORDER_COLUMNS;
  if (width >= WIDTH_FOR_FULL_DATES) facts.push(padEnd(`  ${cells.fullDate}`, FULL_DATE_WIDTH));
  else if (inside >= WIDTH_FOR_DATES) facts.push(padEnd(`  ${cells.date}`, DATE_WIDTH));
  if (width >= WIDTH_FOR_MODES) facts.push(padEnd(`  ${cells.mode}`, MODE_WIDTH));
  if (width >= WIDTH_FOR_OWNERS) facts.push(padEnd(`  ${cells.owner}`, OWNER_WIDTH));
  const factsWidth = facts.reduce((sum, fact) => sum + fact.length, 0);
  const nameWidth = Math.max(0, inside - 1 - factsWidth);
  const name = padEnd(cutMiddle(cells.name, nameWidth, cells.cut), nameWidth);
  return [cells.sign, name, ...facts];
}
