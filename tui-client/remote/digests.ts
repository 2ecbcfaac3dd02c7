import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Algorithm, RunningDigest } from '../digest.ts';

const HASH_NAMES: Readonly<Record<Exclude<Algorithm, 'CRC32'>, string>> = {
  'SHA-512': 'sha512',
  'SHA-256': 'sha256',
  'SHA-1': 'sha1',
  MD5: 'md5',
};

/** Hex digits of each digest. */
export const DIGEST_LENGTHS: Readonly<Record<Algorithm, number>> = {
  'SHA-512': 128,
  'SHA-256': 64,
  'SHA-1': 40,
  MD5: 32,
  CRC32: 8,
};

/** A digest that grows as octets pass. */
export function runningDigest(algorithm: Algorithm): RunningDigest {
  if (algorithm === 'CRC32') return new RunningCrc32();
  const hash = createHash(HASH_NAMES[algorithm]);
  return {
    update: (octets) => void hash.update(octets),
    hex: () => hash.copy().digest('hex'),
  };
}

class RunningCrc32 implements RunningDigest {
  #value = 0;

  update(octets: Uint8Array): void {
    this.#value = crc32(octets, this.#value);
  }

  hex(): string {
    return this.#value.toString(16).padStart(DIGEST_LENGTHS.CRC32, '0');
  }
}
