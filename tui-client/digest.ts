/** Digests, the best first. */
export const ALGORITHMS = ['SHA-512', 'SHA-256', 'SHA-1', 'MD5', 'CRC32'] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** A digest that grows as octets pass. */
export interface RunningDigest {
  update(octets: Uint8Array): void;
  /** In lower-case hex. May be called again after further octets. */
  hex(): string;
}
