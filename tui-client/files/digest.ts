/**
 * Digests, the best first. SHA-512 is no safer for a comparison than SHA-256, which processors have
 * instructions for, and which MyFTP's server knows already when an upload ends.
 */
export const ALGORITHMS = ['SHA-256', 'SHA-512', 'SHA-1', 'MD5', 'CRC32'] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** A digest that grows as octets pass. */
export interface RunningDigest {
  update(octets: Uint8Array): void;
  /** In lower-case hex. May be called again after further octets. */
  hex(): string;
}
