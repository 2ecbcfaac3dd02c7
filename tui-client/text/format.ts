import type { ApproximateTime } from '../files/place.ts';

/** Printable ASCII, whose width is its length. */
export const ascii = /^[\x20-\x7e]*$/;

/**
 * What must not reach a terminal in a name: control characters, private ones, halves of a pair, ends of lines
 * and paragraphs, what turns the writing direction or cannot be seen, and a mark at the beginning, which would
 * sit on whatever stands before.
 */
const unsafe =
  /[\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufff9-\ufffb]|(?![\ufe0e\ufe0f\u200c\u200d])\p{Default_Ignorable_Code_Point}|^\p{M}/gu;

/** Joiners are part of emoji and of some scripts, and mere hiding places elsewhere. */
const strayJoiner =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}])[\u200c\u200d]/gu;

const REPLACEMENT = '\ufffd';

/** A name that can be shown anywhere: what is unsafe is replaced. For commands keep the real one. */
export function displayName(name: string): string {
  if (ascii.test(name)) return name;
  return name.replace(unsafe, REPLACEMENT).replace(strayJoiner, REPLACEMENT);
}

const units = ['', 'K', 'M', 'G', 'T', 'P'] as const;
const UNIT_STEP = 1024;

/** As `310`, `4.0 K`, `12 K`, `1.2 G`: at most six columns. Undefined is a blank. */
export function shortBytes(bytes: number | undefined): string {
  if (bytes === undefined) return '';
  let value = bytes;
  let unit = 0;
  while (roundsToStep(value) && unit < units.length - 1) {
    value /= UNIT_STEP;
    unit += 1;
  }
  if (unit === 0) return String(Math.round(value));
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** 1023.7 K is shown as 1.0 M rather than as 1024 K. */
function roundsToStep(value: number): boolean {
  return Math.round(value) >= UNIT_STEP;
}

/** As `12,412 bytes`. */
export function exactBytes(bytes: number): string {
  return `${groupedNumber(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** In a sentence, where a number alone could be anything: `310 bytes`, `1.2 G`. */
export function bytesInWords(bytes: number): string {
  return roundsToStep(bytes) ? shortBytes(bytes) : exactBytes(bytes);
}

/** As `22.1 MB/s`: in powers of 1000, as networks are measured. */
export function rate(bytesPerSecond: number): string {
  const rates = ['B/s', 'kB/s', 'MB/s', 'GB/s'] as const;
  let value = bytesPerSecond;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit < rates.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${rates[unit] ?? ''}`;
}

/** As `0:48`, `1:32:07`, `3 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  const tail = String(seconds % 60).padStart(2, '0');
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

const HALF_YEAR_MS = 182 * 24 * 3600 * 1000;
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** In local time, at most ten columns: `14:11` today, `Mar 02` lately, else `2025-08-30`. */
export function shortDate(ms: number | undefined, nowMs: number): string {
  if (ms === undefined || !Number.isFinite(ms)) return '';
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '';
  if (date.toDateString() === new Date(nowMs).toDateString()) return clock(date);
  const day = twoDigits(date.getDate());
  if (Math.abs(nowMs - ms) < HALF_YEAR_MS) return `${months[date.getMonth()] ?? ''} ${day}`;
  const year = String(date.getFullYear()).padStart(4, '0');
  return `${year}-${twoDigits(date.getMonth() + 1)}-${day}`;
}

/** In local time, as `2026-03-02 14:11:09`. */
export function fullDate(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(new Date(ms).getTime())) return '';
  const date = new Date(ms);
  const day = `${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  return `${date.getFullYear()}-${day} ${clock(date)}:${twoDigits(date.getSeconds())}`;
}

/** As `2026-03-02~14:11`, or the day only: of a listing that says no more. */
export function approximateDate(time: ApproximateTime | undefined): string {
  if (time?.precision !== 'minute') return utcDay(time);
  return fullDate(time.ms).slice(0, '2026-03-02 14:11'.length).replace(' ', '~');
}

/** The same in at most ten columns: `~14:11` today. */
export function shortApproximateDate(time: ApproximateTime | undefined, nowMs: number): string {
  if (time?.precision !== 'minute') return utcDay(time);
  const text = shortDate(time.ms, nowMs);
  return text.includes(':') ? `~${text}` : text;
}

/** A day has no time zone. */
function utcDay(time: ApproximateTime | undefined): string {
  return time === undefined ? '' : new Date(time.ms).toISOString().slice(0, 10);
}

function clock(date: Date): string {
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** As ` 61 %`, five columns; never 100 before all is done. Undefined without a total. */
export function percent(done: number, total: number | undefined): string | undefined {
  if (total === undefined) return undefined;
  if (total === 0) return '100 %';
  const whole = Math.floor((done / total) * 100);
  return `${String(Math.max(0, Math.min(100, whole))).padStart(3)} %`;
}

/** As `2,041`. */
export function groupedNumber(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** As `1 file`, `2,041 files`. */
export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${groupedNumber(count)} ${count === 1 ? noun : nouns}`;
}
