/** The checksums under the names of HASH, the strongest common one first. */
const CHECKSUMS = {
  'SHA-256': { hexDigits: 64 },
  'SHA-512': { hexDigits: 128 },
  'SHA-1': { hexDigits: 40 },
  MD5: { hexDigits: 32 },
  CRC32: { hexDigits: 8 },
} as const;

export type ChecksumAlgorithm = keyof typeof CHECKSUMS;

export const CHECKSUM_ALGORITHMS = Object.keys(CHECKSUMS) as readonly ChecksumAlgorithm[];

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(CHECKSUMS, name);
}

/** Whether a text is a digest of that algorithm in hexadecimal digits. */
export function isDigest(text: string, algorithm: ChecksumAlgorithm): boolean {
  return text.length === CHECKSUMS[algorithm].hexDigits && /^[0-9a-f]+$/i.test(text);
}

export function hexDigitsOf(algorithm: ChecksumAlgorithm): number {
  return CHECKSUMS[algorithm].hexDigits;
}
