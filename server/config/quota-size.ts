import { WrongFormError } from '../errors/wrong-form.ts';
import { isUnlimited, UNLIMITED } from '../quota/unlimited.ts';
import { describeSize, formatSize, parseSize } from './units.ts';

/**
 * Reads a quota: a size, or `unlimited`.
 *
 * @throws WrongFormError
 */
export function parseQuota(text: string): number {
  const word = text.trim().toLowerCase();
  if (word === 'unlimited') return UNLIMITED;
  if (/^(none|off|infinite|infinity|no|-1)$/.test(word)) {
    throw new WrongFormError(
      `${JSON.stringify(text)} is not a quota. Write unlimited for no limit, or a size such as 500M, 10GB or 1GiB.`,
    );
  }
  return parseSize(text);
}

/** Writes a quota exactly; `parseQuota` reads it back. */
export function formatQuota(limitBytes: number): string {
  return isUnlimited(limitBytes) ? 'unlimited' : formatSize(limitBytes);
}

/** Writes a quota for the eye. */
export function describeQuota(limitBytes: number): string {
  return isUnlimited(limitBytes) ? 'unlimited' : describeSize(limitBytes);
}
