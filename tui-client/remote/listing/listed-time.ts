import type { ApproximateTime } from '../../files/place.ts';

const DAY_MS = 24 * 60 * 60_000;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

interface Calendar {
  /** Undefined where the listing leaves it out. */
  readonly year: number | undefined;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** Undefined where the listing leaves it out. */
  readonly clock: { readonly hours: number; readonly minutes: number } | undefined;
}

/**
 * The time in a line of LIST, as if the server's clock showed UTC; undefined if it is none or can mean two days.
 *
 * @param nowMs by the server's clock: a day without a year lies at most one day after it.
 */
export function parseListedTime(text: string, nowMs: number): ApproximateTime | undefined {
  const calendar = namedMonth(text) ?? numberedMonth(text);
  if (calendar === undefined) return undefined;
  const ms = calendar.year === undefined ? lastOfSuchDays(calendar, nowMs) : timeOf(calendar);
  if (ms === undefined) return undefined;
  return { ms, precision: calendar.clock === undefined ? 'day' : 'minute' };
}

/** `Mar  2 14:11`, `Mar 02 2019`, `2 Mar 14:11`, `2-MAR-2026 14:11:09`. */
function namedMonth(text: string): Calendar | undefined {
  const [, name = '', day = '', rest = ''] =
    /^([a-z]{3})[a-z]*\.?\s+(\d{1,2})\.?\s+(\S.*)$/i.exec(text.trim()) ?? [];
  if (name !== '') return withMonth({ name, day, rest });
  const [, firstDay = '', second = '', last = ''] =
    /^(\d{1,2})[-.\s]+([a-z]{3})[a-z]*[-.\s]+(\S.*)$/i.exec(text.trim()) ?? [];
  return withMonth({ name: second, day: firstDay, rest: last });
}

function withMonth(parts: { name: string; day: string; rest: string }): Calendar | undefined {
  const month = MONTHS.indexOf(parts.name.toLowerCase()) + 1;
  const year = /^\d{4}\b/.exec(parts.rest)?.[0];
  const clock = clockIn(parts.rest);
  if (month === 0 || (year === undefined && clock === undefined)) return undefined;
  return {
    year: year === undefined ? undefined : Number(year),
    month,
    day: Number(parts.day),
    clock,
  };
}

/** `2026-03-02 14:11`, `03-02-26  02:11PM`, `26/03/02 14:11:00`. */
function numberedMonth(text: string): Calendar | undefined {
  const [, first = '', separator, second = '', third = ''] =
    /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})\b/.exec(text.trim()) ?? [];
  const clock = clockIn(text);
  const date = (year: string, month: string, day: string): Calendar => ({
    year: fullYear(year),
    month: Number(month),
    day: Number(day),
    clock,
  });
  if (separator === undefined) return undefined;
  if (first.length === 4) return date(first, second, third);
  if (separator === '.' || Number(first) > 12) return date(third, second, first);
  // Windows puts the month first between dashes; between slashes it is either of them.
  if (separator === '-' || Number(second) > 12) return date(third, first, second);
  return undefined;
}

function clockIn(text: string): Calendar['clock'] {
  const [, hours, minutes, half] =
    /\b(\d{1,2}):(\d\d)(?::\d\d)?(?:\.\d+)?\s?([ap])?/i.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const isHalf = half !== undefined;
  const afternoon = half?.toLowerCase() === 'p' ? 12 : 0;
  return {
    hours: isHalf ? (Number(hours) % 12) + afternoon : Number(hours),
    minutes: Number(minutes),
  };
}

function fullYear(year: string): number {
  if (year.length > 2) return Number(year);
  return Number(year) + (Number(year) < 70 ? 2000 : 1900);
}

/** The last such day that is not in the future; 29 February may lie some years back. */
function lastOfSuchDays(calendar: Calendar, nowMs: number): number | undefined {
  const thisYear = new Date(nowMs).getUTCFullYear();
  // The server's new year may have begun.
  for (let year = thisYear + 1; year > thisYear - 9; year -= 1) {
    const ms = timeOf({ ...calendar, year });
    if (ms !== undefined && ms <= nowMs + DAY_MS) return ms;
  }
  return undefined;
}

/** Undefined for a day that the calendar does not have. */
function timeOf({ year = 0, month, day, clock }: Calendar): number | undefined {
  const { hours, minutes } = clock ?? { hours: 0, minutes: 0 };
  const date = new Date(Date.UTC(year, month - 1, day, hours, minutes));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && minutes < 60;
  return exists ? date.getTime() : undefined;
}
