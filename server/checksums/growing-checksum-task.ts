import { readSync } from 'node:fs';
import { AWAIT_NEWS, type Task } from '../workers/task-runner.ts';
import type { ChecksumAlgorithm } from './checksum-names.ts';
import { BLOCK_BYTES, FILE_TOO_SHORT, SLICE_MS, startDigest } from './checksum-task.ts';

interface GrowingChecksumInput {
  readonly descriptor: number;
  readonly algorithms: readonly ChecksumAlgorithm[];
  /** Shared: how many bytes have been hashed. */
  readonly progress: Float64Array;
}

/** Length of the file so far. */
export interface Growth {
  readonly sizeBytes: number;
  readonly isWhole: boolean;
}

/** Hexadecimal digits for each algorithm that was asked for. */
export type Digests = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

/** Shared by all jobs of a thread: no slice ends with bytes in it. */
let block: Buffer | undefined;

/** Hashes a file while it is being written, from its start to the announced end. */
export const growingChecksumTask: Task<GrowingChecksumInput, Digests, Growth> = function* (input) {
  const running = input.algorithms.map((algorithm) => [algorithm, startDigest(algorithm)] as const);
  block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let position = 0;
  let growth: Growth = { sizeBytes: 0, isWhole: false };
  let sliceStartedMs = performance.now();
  while (!growth.isWhole || position < growth.sizeBytes) {
    if (position >= growth.sizeBytes) {
      growth = yield AWAIT_NEWS;
      sliceStartedMs = performance.now();
      continue;
    }
    const wanted = Math.min(BLOCK_BYTES, growth.sizeBytes - position);
    const count = readSync(input.descriptor, block, 0, wanted, position);
    if (count === 0) {
      throw Object.assign(new Error('the file is too short'), { code: FILE_TOO_SHORT });
    }
    for (const [, digest] of running) digest.update(block.subarray(0, count));
    position += count;
    input.progress[0] = position;
    if (performance.now() - sliceStartedMs >= SLICE_MS) {
      yield undefined;
      sliceStartedMs = performance.now();
    }
  }
  return Object.fromEntries(running.map(([algorithm, digest]) => [algorithm, digest.hex()]));
};
