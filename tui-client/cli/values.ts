import { InvalidArgumentError } from 'commander';
import { ALGORITHMS } from '../files/digest.ts';
import { isCharset } from '../sites/site-encoding.ts';
import { isTimeOffset, offsetMinutes } from '../sites/time-offset.ts';
import { BYTE_RATE_FORM, parseByteRate } from '../text/byte-rate.ts';

/** A whole number from the command line, within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
  };
}

/** Octets a second: `500k`, `2M`, `1G`; infinite for `none`. */
export function byteRate(text: string): number {
  const rate = text === 'none' ? Infinity : parseByteRate(text);
  if (rate !== undefined) return rate;
  throw new InvalidArgumentError(`${BYTE_RATE_FORM}.`);
}

/** A SHA-256 fingerprint, with or without colons, as upper-case hex with colons. */
function fingerprint(text: string): string {
  const digits = text
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  const pairs = digits.match(/../g) ?? [];
  if (/^[0-9A-F]{64}$/.test(digits)) return pairs.join(':');
  throw new InvalidArgumentError('Expected the 64 hex digits of a SHA-256 fingerprint.');
}

/** Fingerprints of an option that may be repeated. */
export function fingerprints(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, fingerprint(text)];
}

export function algorithm(text: string): string {
  const wanted = ALGORITHMS.find((name) => plain(name) === plain(text));
  if (wanted !== undefined) return wanted;
  throw new InvalidArgumentError(`Expected one of ${ALGORITHMS.join(', ')}.`);
}

export function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function plain(name: string): string {
  return name.replaceAll('-', '').toUpperCase();
}

/** An offset from UTC as `+02:00`, in minutes. */
export function timeOffset(text: string): number {
  if (isTimeOffset(text)) return offsetMinutes(text);
  throw new InvalidArgumentError('Expected an offset from UTC, for example +02:00 or -03:30.');
}

/** An encoding of names, by any label that the web's standard has for it. */
export function encoding(text: string): string {
  if (isCharset(text)) return text;
  throw new InvalidArgumentError(
    'Expected an encoding, for example windows-1252, koi8-r, shift_jis or gbk.',
  );
}
