const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

export const BYTE_RATE_FORM = 'Give bytes per second, for example 500k or 2M';

/** Octets a second from text as `500k`, `2M` or `1G`; undefined for another form. */
export function parseByteRate(text: string): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?\s*$/i.exec(text) ?? [];
  const rate = Math.floor(Number(digits) * (UNITS[unit?.toLowerCase() ?? ''] ?? 1));
  return rate >= 1 ? rate : undefined;
}

/** Octets a second in the largest unit that loses nothing, as `parseByteRate` reads it. */
export function byteRateText(bytesPerSecond: number): string {
  for (const unit of ['g', 'm', 'k']) {
    const count = bytesPerSecond / (UNITS[unit] ?? 1);
    if (Number.isInteger(count)) return `${count}${unit === 'k' ? unit : unit.toUpperCase()}`;
  }
  return String(bytesPerSecond);
}
