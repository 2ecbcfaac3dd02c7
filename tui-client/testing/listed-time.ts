const HALF_YEAR_MS = 183 * 24 * 60 * 60_000;

/** As `ls` writes it: with the time of day, or with the year if that was long ago. */
export function listedTime(ms: number): string {
  const [, day, month, year, clock] = new Date(ms).toUTCString().split(' ');
  const isLongAgo = Date.now() - ms > HALF_YEAR_MS;
  return `${month} ${day} ${isLongAgo ? ` ${year}` : clock?.slice(0, 5)}`;
}
