import { WrongFormError } from '../errors/wrong-form.ts';

const KIB = 1024;
const KB = 1000;

/** A letter alone means the power of two, as in most command-line tools. */
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: KIB,
  kb: KB,
  kib: KIB,
  m: KIB ** 2,
  mb: KB ** 2,
  mib: KIB ** 2,
  g: KIB ** 3,
  gb: KB ** 3,
  gib: KIB ** 3,
  t: KIB ** 4,
  tb: KB ** 4,
  tib: KIB ** 4,
};

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a size: plain bytes, `10GB` (decimal), `1GiB` (binary), `500M` (binary), `1.5GiB`.
 *
 * @returns bytes, a safe integer
 * @throws WrongFormError
 */
export function parseSize(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytesPerUnit = BYTES_PER_UNIT[unit.toLowerCase()];
  if (amount === undefined || bytesPerUnit === undefined) {
    throw new WrongFormError(
      `${JSON.stringify(text)} is not a size. Write bytes or a number with a unit, such as 500M, 10GB or 1GiB.`,
    );
  }
  const bytes = Math.floor(Number(amount) * bytesPerUnit);
  if (!Number.isSafeInteger(bytes)) {
    throw new WrongFormError(`${JSON.stringify(text)} is too large. The largest size is 8191TiB.`);
  }
  return bytes;
}

/** Writes a size exactly, in the largest unit that fits evenly; `parseSize` reads it back. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0';
  const units = ['TiB', 'TB', 'GiB', 'GB', 'MiB', 'MB', 'KiB', 'KB'];
  const unit = units.find((one) => bytes % (BYTES_PER_UNIT[one.toLowerCase()] ?? 1) === 0);
  return unit === undefined
    ? String(bytes)
    : `${bytes / (BYTES_PER_UNIT[unit.toLowerCase()] ?? 1)}${unit}`;
}

/** Writes a size rounded for the eye: `1.4 GiB`. */
export function describeSize(bytes: number): string {
  const power = Math.min(5, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const amount = bytes / KIB ** power;
  const digits = power === 0 || Number.isInteger(amount) || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'][power]}`;
}

/**
 * Reads a duration: plain seconds, `300s`, `5m`, `1h`, `2d`, `500ms`, `1h30m`.
 *
 * @returns milliseconds
 * @throws WrongFormError
 */
export function parseDuration(text: string): number {
  const compact = text.trim().toLowerCase();
  if (!/^(?:\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)\s*)+)$/.test(compact)) {
    throw new WrongFormError(
      `${JSON.stringify(text)} is not a duration. Write seconds or a number with a unit, such as 300s, 5m or 1h.`,
    );
  }
  const parts = [...compact.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhd]?)/g)];
  const ms = parts.map(([, amount, unit = '']) => Number(amount) * (MS_PER_UNIT[unit] ?? 1000));
  return Math.round(ms.reduce((sum, one) => sum + one, 0));
}

/** Writes a duration exactly, in the largest unit that fits evenly; `parseDuration` reads it back. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const unit = ['d', 'h', 'm', 's'].find((one) => ms % (MS_PER_UNIT[one] ?? 1) === 0) ?? 'ms';
  return `${ms / (MS_PER_UNIT[unit] ?? 1)}${unit}`;
}
