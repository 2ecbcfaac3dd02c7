import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { WorkerPool } from '../workers/worker-pool.ts';
import { type ChecksumRequest, Checksums } from './checksum.ts';
import type { FileIdentity } from './file-identity.ts';

const HUGE_BYTES = 2 ** 40;

/** Longer than the time for which a file that was changed is not trusted. */
const SETTLE_MS = 150;

const workers = new WorkerPool({ threads: 1 });
const start = jest.spyOn(workers, 'start');

let directory: string;
let path: string;
let descriptor: number;
let checksums: Checksums;

afterAll(() => workers.close());

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-checksum-'));
  path = join(directory, 'file');
  writeFileSync(path, '123456789');
  descriptor = openSync(path, 'r');
  checksums = new Checksums({ workers, cacheEntries: 2 });
  start.mockClear();
});

afterEach(() => {
  closeSync(descriptor);
  rmSync(directory, { recursive: true });
});

function identity(): FileIdentity {
  const stats = fstatSync(descriptor);
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: stats.size,
    modifiedMs: stats.mtimeMs,
    changedMs: stats.ctimeMs,
  };
}

function request(changes: Partial<ChecksumRequest> = {}): ChecksumRequest {
  const state = identity();
  const range = { startBytes: 0, endBytes: state.sizeBytes };
  return { descriptor, identity: state, algorithm: 'MD5', ...range, ...changes };
}

function hexCrc32(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

describe('compute', () => {
  test.each([
    ['CRC32', 'cbf43926'],
    ['MD5', '25f9e794323b453885f5181f1b624d0b'],
    ['SHA-1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA-256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
    ['SHA-512', createHash('sha512').update('123456789').digest('hex')],
  ] as const)('knows %s', async (algorithm, digest) => {
    expect(await checksums.compute(request({ algorithm }))).toBe(digest);
  });

  test('a range ends before its end', async () => {
    const range = { algorithm: 'CRC32', startBytes: 1, endBytes: 4 } as const;
    expect(await checksums.compute(request(range))).toBe(hexCrc32('234'));
  });

  test('an empty range has the checksum of nothing', async () => {
    const empty = { startBytes: 3, endBytes: 3 };
    expect(await checksums.compute(request({ ...empty, algorithm: 'CRC32' }))).toBe('00000000');
  });

  test('a file of several slices is hashed whole', async () => {
    const bytes = randomBytes(20_000_000);
    writeFileSync(path, bytes);
    const digest = createHash('md5').update(bytes).digest('hex');
    expect(await checksums.compute(request())).toBe(digest);
  });

  test('a file that is too short has no checksum', async () => {
    const tooLong = request({ endBytes: 10 });
    await expect(checksums.compute(tooLong)).rejects.toThrow('The file is too short.');
  });

  test('the descriptor may be closed at once', async () => {
    const own = openSync(path, 'r');
    const digest = checksums.compute(request({ descriptor: own }));
    closeSync(own);
    expect(await digest).toBe('25f9e794323b453885f5181f1b624d0b');
  });
});

describe('what is remembered', () => {
  test('an unchanged file is read once', async () => {
    await delay(SETTLE_MS);
    const first = await checksums.compute(request());
    expect(await checksums.compute(request())).toBe(first);
    expect(start).toHaveBeenCalledTimes(1);
  });

  test('another range or algorithm is another checksum', async () => {
    await delay(SETTLE_MS);
    await checksums.compute(request());
    await checksums.compute(request({ endBytes: 5 }));
    await checksums.compute(request({ algorithm: 'SHA-1' }));
    expect(start).toHaveBeenCalledTimes(3);
  });

  test('the least recently used is forgotten first', async () => {
    await delay(SETTLE_MS);
    await checksums.compute(request({ endBytes: 1 }));
    await checksums.compute(request({ endBytes: 2 }));
    await checksums.compute(request({ endBytes: 1 }));
    await checksums.compute(request({ endBytes: 3 }));
    expect(start).toHaveBeenCalledTimes(3);
    await checksums.compute(request({ endBytes: 1 }));
    expect(start).toHaveBeenCalledTimes(3);
    await checksums.compute(request({ endBytes: 2 }));
    expect(start).toHaveBeenCalledTimes(4);
  });

  test('a file that has just changed is read again: it may change without a new time', async () => {
    writeFileSync(path, 'just now');
    await checksums.compute(request());
    await checksums.compute(request());
    expect(start).toHaveBeenCalledTimes(2);
  });

  test('a change that keeps size and modification time is noticed', async () => {
    await delay(SETTLE_MS);
    const before = identity();
    const first = await checksums.compute(request());
    writeFileSync(path, '987654321');
    utimesSync(path, before.modifiedMs / 1000, before.modifiedMs / 1000);
    expect(await checksums.compute(request())).not.toBe(first);
  });

  test('a file that changes while it is hashed is not remembered', async () => {
    truncateSync(path, 200_000_000);
    await delay(SETTLE_MS);
    const stale = request();
    const digest = checksums.compute(stale);
    appendFileSync(path, 'more');
    await digest;
    await checksums.compute(stale);
    expect(start).toHaveBeenCalledTimes(2);
  });
});

describe('several requests for one checksum', () => {
  test('compute it once', async () => {
    const [first, second] = await Promise.all([
      checksums.compute(request()),
      checksums.compute(request()),
    ]);
    expect(first).toBe(second);
    expect(start).toHaveBeenCalledTimes(1);
  });

  test('one that gives up does not take it from the others', async () => {
    truncateSync(path, 300_000_000);
    const controller = new AbortController();
    const own = openSync(path, 'r');
    const impatient = checksums.compute(request({ descriptor: own, signal: controller.signal }));
    closeSync(own);
    const patient = checksums.compute(request());
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    expect(await patient).toMatch(/^[0-9a-f]{32}$/);
    expect(start).toHaveBeenCalledTimes(1);
  });

  test('the work ends when all have given up', async () => {
    truncateSync(path, HUGE_BYTES);
    const controller = new AbortController();
    const digest = checksums.compute(request({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    await expect(digest).rejects.toThrow('enough');
    const again = new AbortController();
    const second = checksums.compute(request({ signal: again.signal }));
    expect(start).toHaveBeenCalledTimes(2);
    again.abort(new Error('enough again'));
    await expect(second).rejects.toThrow('enough again');
    const jobs = start.mock.results.map((result) => result.value as { cancel(): Promise<void> });
    await Promise.all(jobs.map((job) => job.cancel()));
  });

  test('a request that was aborted before reads nothing', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(checksums.compute(request({ signal }))).rejects.toThrow('too late');
    expect(start).not.toHaveBeenCalled();
  });
});

test('a small file does not wait for huge ones', async () => {
  const huge = join(directory, 'huge');
  writeFileSync(huge, '');
  truncateSync(huge, HUGE_BYTES);
  const hugeDescriptor = openSync(huge, 'r');
  const controller = new AbortController();
  const long = Array.from({ length: 4 }, (_, startBytes) =>
    checksums.compute(
      request({
        descriptor: hugeDescriptor,
        startBytes,
        endBytes: HUGE_BYTES,
        signal: controller.signal,
      }),
    ),
  );
  expect(await checksums.compute(request())).toBe('25f9e794323b453885f5181f1b624d0b');
  controller.abort(new Error('enough'));
  const results = await Promise.allSettled(long);
  expect(results.map((result) => result.status)).toEqual(Array(4).fill('rejected'));
  closeSync(hugeDescriptor);
});
