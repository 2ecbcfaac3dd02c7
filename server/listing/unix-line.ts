import type { FileFacts } from '../system/file-facts.ts';
import { dayTime, rememberPerDay, twoDigits } from './calendar.ts';
import { lineName } from './line-name.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Half a year of 365.2425 days: what is older, or in the future, shows its year (POSIX `ls`). */
const RECENT_MS = 15_778_476_000;

/** Clocks of other machines may be ahead by a little. */
const CLOCK_SKEW_MS = 60_000;

const KIND_LETTERS = { file: '-', directory: 'd', symlink: 'l', other: '-' } as const;

/** `rwxrwxrwx` for each combination of the nine permission bits. */
const PERMISSIONS = Array.from({ length: 0o1000 }, (_, mode) =>
  Array.from('rwxrwxrwx', (letter, index) => (mode & (0o400 >> index) ? letter : '-')).join(''),
);

const SPACES = Array.from({ length: 16 }, (_, count) => ' '.repeat(count));

const dateTexts = rememberPerDay(({ year, month, day }) => {
  const date = `${MONTHS[month - 1]} ${alignRight(day, 2)}`;
  return { date, dateAndYear: `${date} ${alignRight(year, 5)}` };
});

/**
 * One line of LIST in the form of `ls -l`, without a line end. Times are UTC.
 *
 * CR and LF in the name become `?`, because they would end the line.
 */
export function unixLine(facts: FileFacts, nowMs: number): string {
  const permissions = PERMISSIONS[facts.mode & 0o777] ?? '';
  const links = alignRight(facts.nlink, 3);
  const size = alignRight(facts.sizeBytes, 12);
  const time = unixTime(facts.modifiedMs, nowMs);
  return `${KIND_LETTERS[facts.kind]}${permissions} ${links} ftp      ftp      ${size} ${time} ${lineName(facts.name)}`;
}

function unixTime(timeMs: number, nowMs: number): string {
  const { dayNumber, hour, minute } = dayTime(timeMs);
  const { date, dateAndYear } = dateTexts(dayNumber);
  const isRecent = timeMs > nowMs - RECENT_MS && timeMs <= nowMs + CLOCK_SKEW_MS;
  return isRecent ? `${date} ${twoDigits(hour)}:${twoDigits(minute)}` : dateAndYear;
}

/** Like `padStart`, which costs several times as much. */
function alignRight(value: number, width: number): string {
  const text = `${value}`;
  return `${SPACES[width - text.length] ?? ''}${text}`;
}
