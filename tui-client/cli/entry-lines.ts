import type { Entry, EntryKind } from '../files/place.ts';
import { approximateDate, fullDate } from '../text/format.ts';
import type { JsonLine } from './output.ts';

const TYPE_SIGNS: Readonly<Record<EntryKind, string>> = {
  file: '-',
  directory: 'd',
  link: 'l',
  other: '?',
};

const SIZE_COLUMNS = 13;

/** As `ls -l` shows it, without links and owners, which FTP does not tell. */
export function longLine(entry: Entry, name: string): string {
  const { kind, mode, sizeBytes, linkTarget, isPartial } = entry;
  const type = `${TYPE_SIGNS[kind]}${modeText(mode)}`;
  const size = String(sizeBytes ?? '').padStart(SIZE_COLUMNS);
  const target = linkTarget === undefined ? '' : ` -> ${linkTarget}`;
  const note = isPartial === true ? '  (partial upload)' : '';
  return `${type} ${size} ${timeText(entry)} ${name}${target}${note}`;
}

/** Directories end with a slash. */
export function shortLine({ kind }: Entry, name: string): string {
  return kind === 'directory' && !name.endsWith('/') ? `${name}/` : name;
}

export function jsonEntry(entry: Entry, path: string): JsonLine {
  const { name, kind, sizeBytes, modifiedMs, approximateTime, mode, linkTarget, isPartial } = entry;
  return {
    type: 'entry',
    path,
    name,
    kind,
    sizeBytes,
    modified: modifiedMs === undefined ? undefined : new Date(modifiedMs).toISOString(),
    modifiedAbout: approximateTime && new Date(approximateTime.ms).toISOString(),
    modifiedPrecision: approximateTime?.precision,
    mode: mode?.toString(8).padStart(4, '0'),
    linkTarget,
    isPartial,
  };
}

function modeText(mode: number | undefined): string {
  if (mode === undefined) return '?????????';
  return [6, 3, 0]
    .map((shift) => mode >> shift)
    .map((bits) => `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`)
    .join('');
}

const TIME_COLUMNS = 16;

/** In local time, as `2026-03-02 14:11`; one from a listing as `2026-03-02~14:11`, or the day only. */
function timeText({ modifiedMs, approximateTime }: Entry): string {
  const text = modifiedMs === undefined ? approximateDate(approximateTime) : fullDate(modifiedMs);
  return text.slice(0, TIME_COLUMNS).padEnd(TIME_COLUMNS);
}
