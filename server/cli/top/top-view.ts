import { styleText } from 'node:util';
import { describeSize } from '../../config/units.ts';
import { printable } from '../../logging/printable.ts';
import { fitted, flushedRight } from './cell-width.ts';
import { sparkline } from './sparkline.ts';
import type { TopSession } from './top-samples.ts';
import { selectedIndex, shownSessions, type TopState } from './top-state.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Lines above and below the sessions: totals, two sparklines, headings, and the keys. */
const FRAME_ROWS = 5;

const LABEL_CELLS = 6;
const RATE_CELLS = 13;
const BAR_CELLS = 10;

interface Column {
  readonly title: string;
  /** 0 for the column that takes what is left. */
  readonly cells: number;
  /** Screens that are narrower do without. */
  readonly fromColumns: number;
  readonly text: (session: TopSession) => string;
  readonly isFlushedRight?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'SESSION', cells: 10, fromColumns: 130, text: ({ id }) => id },
  { title: 'USER', cells: 12, fromColumns: 0, text: ({ username }) => username ?? '-' },
  { title: 'FROM', cells: 15, fromColumns: 60, text: ({ address }) => address },
  { title: 'CLIENT', cells: 14, fromColumns: 115, text: ({ client }) => client ?? '-' },
  {
    title: 'TLS',
    cells: 3,
    fromColumns: 80,
    text: ({ isEncrypted }) => (isEncrypted ? 'yes' : 'no'),
  },
  { title: 'DOING', cells: 0, fromColumns: 0, text: doing },
  { title: 'PROGRESS', cells: 16, fromColumns: 70, text: progress },
  { title: 'RATE', cells: 12, fromColumns: 0, text: rate, isFlushedRight: true },
];

/** The lines of the whole screen, each exactly as wide as it. */
export function screenLines(state: TopState, size: ScreenSize): readonly string[] {
  const sessions = shownSessions(state);
  const room = Math.max(size.rows - FRAME_ROWS, 0);
  const selected = selectedIndex(state);
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), sessions.length - room));
  const rows = sessions.slice(first, first + room).map((session, at) => {
    const line = cells(size.columns, ({ text }) => text(session));
    return first + at === selected ? styleText('inverse', line) : shaded(line, session);
  });
  const empty = state.filter === '' ? 'No sessions.' : 'No session matches the filter.';
  const notes = rows.length === 0 ? [fitted(empty, size.columns)] : rows;
  const blank = Array<string>(Math.max(room - notes.length, 0)).fill(' '.repeat(size.columns));
  const lines = [...head(state, size.columns), ...notes.slice(0, room), ...blank];
  return [...lines, footer(state, size.columns)].slice(-Math.max(size.rows, 1));
}

function head(state: TopState, columns: number): readonly string[] {
  const { sessions, filter, sort } = state;
  const loggedIn = sessions.filter(({ username }) => username !== null).length;
  const transfers = sessions.filter(({ transfer }) => transfer !== null).length;
  const counts = `MyFTP   sessions ${sessions.length}   logged in ${loggedIn}   transfers ${transfers}`;
  const order = `by ${sort}${filter === '' ? '' : `, filter "${printable(filter)}"`}`;
  const left = Math.max(columns - order.length - 1, 0);
  return [
    styleText('bold', fitted(`${fitted(counts, left)} ${order}`, columns)),
    totals({ label: 'up', values: state.up, columns, style: 'green' }),
    totals({ label: 'down', values: state.down, columns, style: 'cyan' }),
    styleText(
      ['bold', 'underline'],
      cells(columns, ({ title }) => title),
    ),
  ];
}

function totals({
  label,
  values,
  columns,
  style,
}: {
  readonly label: string;
  readonly values: readonly number[];
  readonly columns: number;
  readonly style: 'green' | 'cyan';
}): string {
  const text = fitted(label, LABEL_CELLS) + flushedRight(rateText(values.at(-1) ?? 0), RATE_CELLS);
  const bars = Math.max(columns - LABEL_CELLS - RATE_CELLS - 2, 0);
  return fitted(text, columns - bars) + styleText(style, sparkline(values, bars));
}

function cells(columns: number, textOf: (column: Column) => string): string {
  const shown = COLUMNS.filter(({ fromColumns }) => columns >= fromColumns);
  const taken = shown.reduce((sum, column) => sum + column.cells + 2, -2);
  const texts = shown.map((column) => {
    const width = column.cells === 0 ? Math.max(columns - taken, 0) : column.cells;
    const text = printable(textOf(column));
    return column.isFlushedRight === true ? flushedRight(text, width) : fitted(text, width);
  });
  return fitted(texts.join('  '), columns);
}

function shaded(line: string, { transfer, username }: TopSession): string {
  if (transfer !== null) return line;
  return styleText(username === null ? ['dim', 'yellow'] : 'dim', line);
}

function doing({ transfer, username, idleMs }: TopSession): string {
  if (transfer !== null) return `${transfer.verb} ${transfer.path}`;
  const idle = `idle ${Math.round(idleMs / 1000)} s`;
  return username === null ? `not logged in, ${idle}` : idle;
}

/** A bar and per cent where the size is known, else the octets that have moved. */
function progress({ transfer }: TopSession): string {
  if (transfer === null) return '';
  const { movedBytes, totalBytes } = transfer;
  if (totalBytes === null || totalBytes === 0) return describeSize(movedBytes);
  const share = Math.min(movedBytes / totalBytes, 1);
  const full = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)}%`;
}

function rate({ transfer, bytesPerS }: TopSession): string {
  return transfer === null ? '' : rateText(bytesPerS);
}

function rateText(bytesPerS: number): string {
  return `${describeSize(Math.round(bytesPerS))}/s`;
}

function footer({ prompt, filter, notice }: TopState, columns: number): string {
  if (prompt.kind === 'filter') return fitted(`Filter: ${printable(filter)}▏`, columns);
  if (prompt.kind === 'kick')
    return styleText(
      'inverse',
      fitted(`End the session of ${printable(prompt.who)}? y/n`, columns),
    );
  if (notice !== undefined) return styleText('bold', fitted(printable(notice), columns));
  const keys = '↑↓ select   s sort   / filter   x end session   q quit';
  return styleText('dim', fitted(keys, columns));
}
