export const KIB = 1024;
export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;

const UNITS = { '': 1, k: KIB, m: MIB, g: GIB } as const;

/** `1 GiB`, `64 MiB`, `4 KiB`, or plain bytes if no unit divides the size. */
export function formatSize(bytes: number): string {
  for (const [unit, name] of [
    [GIB, 'GiB'],
    [MIB, 'MiB'],
    [KIB, 'KiB'],
  ] as const) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit} ${name}`;
  }
  return `${bytes} bytes`;
}

/**
 * Reads `1GiB`, `256M` or plain bytes; units are powers of 1,024.
 *
 * @throws Error if it is none of these.
 */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new Error(`--size: "${text}" is not a size such as 256MiB.`);
  return Number(digits) * UNITS[unit.toLowerCase() as keyof typeof UNITS];
}

/** `12,345.6` */
export function formatNumber(value: number, fractionDigits: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  });
}

/** The middle of the values; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
