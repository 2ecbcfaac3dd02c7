import type { ChecksumAlgorithm } from './checksum.ts';

/** Under the names of HASH, the strongest common one first. */
export const CHECKSUM_ALGORITHMS = ['SHA-256', 'SHA-512', 'SHA-1', 'MD5', 'CRC32'] as const;

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return (CHECKSUM_ALGORITHMS as readonly string[]).includes(name);
}
