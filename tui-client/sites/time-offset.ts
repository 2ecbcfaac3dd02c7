const OFFSET = /^([+-])(\d{1,2}):?(\d\d)$/;

/** From UTC-12 to UTC+14. */
const MAX_MINUTES = 14 * 60;

/** Whether it is an offset from UTC, as `+02:00` or `-0330`. */
export function isTimeOffset(text: string): boolean {
  return Math.abs(offsetMinutes(text)) <= MAX_MINUTES;
}

/** NaN if it is none. */
export function offsetMinutes(text: string): number {
  const [, sign, hours, minutes] = OFFSET.exec(text) ?? [];
  if (sign === undefined || Number(minutes) > 59) return Number.NaN;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) || 0;
}

/** As `+02:00`. */
export function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
