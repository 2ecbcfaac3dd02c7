import { InvalidArgumentError } from 'commander';
import { ALGORITHMS } from '../digest.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A whole number from the command line, within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** Octets a second: `500k`, `2M`, `1G`. */
export function byteRate(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text) ?? [];
  const rate = Math.floor(Number(digits) * (UNITS[unit?.toLowerCase() ?? ''] ?? 1));
  if (rate >= 1) return rate;
  throw new InvalidArgumentError('Give octets a second, as 500k or 2M.');
}

/** A SHA-256 fingerprint, with or without colons, as upper-case hex with colons. */
function fingerprint(text: string): string {
  const digits = text
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  const pairs = digits.match(/../g) ?? [];
  if (/^[0-9A-F]{64}$/.test(digits)) return pairs.join(':');
  throw new InvalidArgumentError('Give the 64 hex digits of a SHA-256 fingerprint.');
}

/** Fingerprints of an option that may be repeated. */
export function fingerprints(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, fingerprint(text)];
}

export function algorithm(text: string): string {
  const wanted = ALGORITHMS.find((name) => plain(name) === plain(text));
  if (wanted !== undefined) return wanted;
  throw new InvalidArgumentError(`Give one of ${ALGORITHMS.join(', ')}.`);
}

export function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function plain(name: string): string {
  return name.replaceAll('-', '').toUpperCase();
}
