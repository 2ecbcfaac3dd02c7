import { parseDuration } from './units.ts';

/**
 * Reads a moment: a date, with a time or without, in local time unless it says otherwise; or a duration such as `24h`.
 *
 * @param fromDuration makes a moment of a duration: before or after now.
 * @returns undefined for anything else, and for a day that does not exist.
 */
export function parseMoment(
  text: string,
  fromDuration: (ms: number) => number,
): number | undefined {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)/.test(text)) {
    try {
      return fromDuration(parseDuration(text));
    } catch {
      return undefined;
    }
  }
  const [, day = '', time = 'T00:00', zone = ''] =
    /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const ms = Date.parse(`${day}${time.replace(' ', 'T')}${zone}`);
  return Number.isNaN(ms) || !isDay(day) ? undefined : ms;
}

/** Node takes the 30th of February for a day in March. */
function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
