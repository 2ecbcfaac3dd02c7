import { dayTime, rememberPerDay, twoDigits } from './calendar.ts';

const dateText = rememberPerDay(
  ({ year, month, day }) => `${`${year}`.padStart(4, '0')}${twoDigits(month)}${twoDigits(day)}`,
);

/** `MMSS` for each second of an hour. */
const MINUTES_AND_SECONDS = Array.from(
  { length: 3600 },
  (_, index) => `${twoDigits(Math.trunc(index / 60))}${twoDigits(index % 60)}`,
);

/** A time as `YYYYMMDDHHMMSS` in UTC (RFC 3659 §2.3). */
export function machineTime(timeMs: number): string {
  const { dayNumber, hour, minute, second } = dayTime(timeMs);
  return `${dateText(dayNumber)}${twoDigits(hour)}${MINUTES_AND_SECONDS[minute * 60 + second]}`;
}

const TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d+))?$/;

/**
 * Reads `YYYYMMDDHHMMSS` with an optional fraction of a second (RFC 3659 §2.3).
 *
 * @returns milliseconds since 1970, or undefined if the text is not a time. A leap second is the first
 * second of the next minute.
 */
export function parseMachineTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;
  const fractionMs = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs;
}
