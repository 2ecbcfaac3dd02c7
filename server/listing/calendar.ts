/** A day in UTC. Months and days count from 1. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A moment in UTC: the day as a number since 1970, and the time of that day. */
export interface DayTime {
  readonly dayNumber: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY_SECONDS = 86_400;

/** Bounds of years with four digits. */
const FIRST_SECOND = -62_167_219_200;
const LAST_SECOND = 253_402_300_799;

const MAX_CACHED_DAYS = 1000;

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => `${value}`.padStart(2, '0'));

/** Splits milliseconds since 1970 into day and time of day. Years stay within 0 and 9999. */
export function dayTime(timeMs: number): DayTime {
  const seconds = Math.min(Math.max(Math.floor(timeMs / 1000), FIRST_SECOND), LAST_SECOND);
  const dayNumber = Math.floor(seconds / DAY_SECONDS);
  const second = seconds - dayNumber * DAY_SECONDS;
  return {
    dayNumber,
    hour: Math.trunc(second / 3600),
    minute: Math.trunc(second / 60) % 60,
    second: second % 60,
  };
}

/** The date of a day that is counted from 1970. */
function calendarDay(dayNumber: number): CalendarDay {
  const date = new Date(dayNumber * DAY_SECONDS * 1000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/**
 * A function of a day that remembers its results: the many entries of a large directory share few days,
 * and dates are what costs most in a line.
 */
export function rememberPerDay<Value>(
  make: (day: CalendarDay) => Value,
): (dayNumber: number) => Value {
  const known = new Map<number, Value>();
  return (dayNumber) => {
    let value = known.get(dayNumber);
    if (value === undefined) {
      if (known.size >= MAX_CACHED_DAYS) known.clear();
      value = make(calendarDay(dayNumber));
      known.set(dayNumber, value);
    }
    return value;
  };
}

/** Two decimal digits of a number below 100. */
export function twoDigits(value: number): string {
  return TWO_DIGITS[value] ?? '';
}
