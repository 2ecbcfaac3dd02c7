import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Algorithm, RunningDigest } from './digest.ts';

const HASH_NAMES = { 'SHA-512': 'sha512', 'SHA-256': 'sha256', 'SHA-1': 'sha1', MD5: 'md5' };

/** A digest of nothing yet. */
export function startDigest(algorithm: Algorithm): RunningDigest {
  if (algorithm === 'CRC32') return startCrc32();
  const hash = createHash(HASH_NAMES[algorithm]);
  return {
    update: (octets) => void hash.update(octets),
    hex: () => hash.copy().digest('hex'),
  };
}

function startCrc32(): RunningDigest {
  let value = 0;
  return {
    update: (octets) => {
      value = crc32(octets, value);
    },
    hex: () => value.toString(16).padStart(8, '0'),
  };
}
