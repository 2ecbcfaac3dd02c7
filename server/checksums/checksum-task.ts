import { createHash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Task } from '../workers/task-runner.ts';
import { type ChecksumAlgorithm, hexDigitsOf } from './checksum-names.ts';
import { type FileIdentity, fileIdentity } from './file-identity.ts';

/** Input of a worker thread that hashes a file. */
export interface ChecksumTaskInput {
  readonly descriptor: number;
  readonly algorithm: ChecksumAlgorithm;
  readonly startBytes: number;
  /** Offset of the first byte that does not count. */
  readonly endBytes: number;
}

/** The digest, and what the file looked like when all of it had been read. */
export interface ChecksumTaskResult {
  readonly digest: string;
  readonly identity: FileIdentity;
}

/** `code` of the error for a file that ends before the range does. */
export const FILE_TOO_SHORT = 'FILE_TOO_SHORT';

/** A digest of octets that come in one after another. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

export const BLOCK_BYTES = 256 * 1024;
export const SLICE_MS = 4;

/** Shared by all jobs of a thread: no slice ends with bytes in it. */
let block: Buffer | undefined;

/** Hashes a range of a file in slices of a few milliseconds. */
export const checksumTask: Task<ChecksumTaskInput, ChecksumTaskResult> = function* (input) {
  const digest = startDigest(input.algorithm);
  block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let position = input.startBytes;
  let sliceStartedMs = performance.now();
  while (position < input.endBytes) {
    const wanted = Math.min(BLOCK_BYTES, input.endBytes - position);
    const count = readSync(input.descriptor, block, 0, wanted, position);
    if (count === 0) {
      throw Object.assign(new Error('the file is too short'), { code: FILE_TOO_SHORT });
    }
    digest.update(block.subarray(0, count));
    position += count;
    if (performance.now() - sliceStartedMs >= SLICE_MS) {
      yield undefined;
      sliceStartedMs = performance.now();
    }
  }
  return { digest: digest.hex(), identity: fileIdentity(fstatSync(input.descriptor)) };
};

export function startDigest(algorithm: ChecksumAlgorithm): RunningDigest {
  if (algorithm === 'CRC32') {
    let value = 0;
    return {
      update: (bytes) => {
        value = crc32(bytes, value);
      },
      hex: () => value.toString(16).padStart(hexDigitsOf(algorithm), '0'),
    };
  }
  const hash = createHash(algorithm.toLowerCase().replace('-', ''));
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}
