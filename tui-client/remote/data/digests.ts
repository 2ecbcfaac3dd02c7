import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { crc32 } from 'node:zlib';
import type { Algorithm, RunningDigest } from '../../files/digest.ts';
import { threadedDigest } from './hash-thread.ts';

/** Files of this size are hashed beside their transfer; for a small one that saves less than the thread costs. */
const IN_THREAD_BYTES = 8 * 1024 * 1024;

/** Hex digits of each digest. */
export const DIGEST_LENGTHS: Readonly<Record<Algorithm, number>> = {
  'SHA-512': 128,
  'SHA-256': 64,
  'SHA-1': 40,
  MD5: 32,
  CRC32: 8,
};

/**
 * A digest that grows as octets pass.
 *
 * @param sizeBytes of the file, as far as it is known.
 */
export function runningDigest(algorithm: Algorithm, sizeBytes = 0): RunningDigest {
  if (algorithm === 'CRC32') return new RunningCrc32();
  const hashName = algorithm.toLowerCase().replace('-', '');
  // Throws here for a digest that this Node does not permit.
  const hash = createHash(hashName);
  const isBeside = sizeBytes >= IN_THREAD_BYTES && availableParallelism() > 1;
  if (isBeside) return threadedDigest(hashName);
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
