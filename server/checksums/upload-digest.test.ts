import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WorkerPool } from '../workers/worker-pool.ts';
import { Checksums } from './checksum.ts';
import { fileIdentity } from './file-identity.ts';
import { UploadDigests, type UploadHashing } from './upload-digest.ts';

const MIB = 1024 * 1024;
const CONTENT = randomBytes(12 * MIB + 5);

const workers = new WorkerPool({ threads: 1 });
const checksums = new Checksums({ workers });
const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');

let directory: string;
let descriptor: number;
let isBusy = false;

afterAll(() => workers.close());

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-digest-'));
  descriptor = openSync(join(directory, 'file'), 'w+');
});

afterEach(() => {
  isBusy = false;
  closeSync(descriptor);
  rmSync(directory, { recursive: true });
});

/** A clock that `bytesPerMs` sets: so long ago the upload has begun. */
function digestsWith(hashing: UploadHashing, now?: () => number): UploadDigests {
  return new UploadDigests({
    workers,
    checksums,
    hashing,
    isBusy: () => isBusy,
    ...(now && { now }),
  });
}

/** Writes `octets` behind `offsetBytes`, in steps. */
function write(octets: Uint8Array, offsetBytes: number, told: (sizeBytes: number) => void): void {
  for (let done = 0; done < octets.length; done += MIB) {
    const piece = octets.subarray(done, done + MIB);
    writeSync(descriptor, piece, 0, piece.length, offsetBytes + done);
    told(offsetBytes + done + piece.length);
  }
}

describe('UploadDigest', () => {
  test('is that of the whole file, wherever an upload carries on and however long it is', async () => {
    const places = fc.tuple(fc.nat(CONTENT.length), fc.nat(CONTENT.length));
    await fc.assert(
      fc.asyncProperty(places, async ([one, other]) => {
        const [offsetBytes, sizeBytes] = [Math.min(one, other), Math.max(one, other)];
        write(CONTENT.subarray(0, offsetBytes), 0, () => {});
        const upload = { descriptor, offsetBytes, wanted: ['SHA-256', 'CRC32'] as const };
        const digest = digestsWith('off').begin(upload);
        write(CONTENT.subarray(offsetBytes, sizeBytes), offsetBytes, (size) =>
          digest.reached(size),
        );
        digest.finish(sizeBytes);
        expect(await digest.get('SHA-256')).toBe(sha256(CONTENT.subarray(0, sizeBytes)));
        expect(await digest.get('CRC32')).toMatch(/^[0-9a-f]{8}$/);
      }),
      { numRuns: 15 },
    );
  });

  test('of uploads that nobody asks about, fast ones have none, and slow ones have', async () => {
    const found: unknown[] = [];
    for (const msPerCall of [0, 1000]) {
      let ms = 0;
      const now = () => (ms += msPerCall);
      const digest = digestsWith('auto', now).begin({ descriptor, offsetBytes: 0, wanted: [] });
      write(CONTENT, 0, (size) => digest.reached(size));
      digest.finish(CONTENT.length);
      found.push(await digest.get('SHA-256'));
    }
    expect(found).toEqual([undefined, sha256(CONTENT)]);
  });

  /** The digest of an upload whose octets come in steps of a mebibyte, at these rates. */
  async function unasked(bytesPerMs: (sizeBytes: number) => number): Promise<unknown> {
    let ms = 0;
    const upload = { descriptor, offsetBytes: 0, wanted: [] };
    const digest = digestsWith('auto', () => ms).begin(upload);
    write(CONTENT, 0, (size) => {
      digest.reached(size);
      ms += MIB / bytesPerMs(size);
    });
    digest.finish(CONTENT.length);
    return await digest.get('SHA-256');
  }

  test('an upload that becomes fast has none', async () => {
    expect(await unasked(() => 100_000)).toBe(sha256(CONTENT));
    expect(await unasked((size) => (size < 4 * MIB ? 200_000 : 2_000_000))).toBeUndefined();
  });

  test('a busy machine has none', async () => {
    isBusy = true;
    expect(await unasked(() => 100_000)).toBeUndefined();
  });

  test('off has none, auto none of small files, and on has all', async () => {
    const found: unknown[] = [];
    for (const hashing of ['off', 'auto', 'on'] as const) {
      const digest = digestsWith(hashing).begin({ descriptor, offsetBytes: 0, wanted: [] });
      write(CONTENT.subarray(0, 4096), 0, (size) => digest.reached(size));
      digest.finish(4096);
      found.push(await digest.get('SHA-256'));
    }
    expect(found).toEqual([undefined, undefined, sha256(CONTENT.subarray(0, 4096))]);
  });

  test('of a published file is not computed again, until the file changes', async () => {
    const digest = digestsWith('on').begin({ descriptor, offsetBytes: 0, wanted: [] });
    write(CONTENT, 0, (size) => digest.reached(size));
    digest.finish(CONTENT.length);
    digest.published();
    const identity = fileIdentity(fstatSync(descriptor));
    expect(await checksums.recentUploads.find(identity, 'SHA-256')).toBe(sha256(CONTENT));
    const later = { ...identity, changedMs: identity.changedMs + 1000 };
    expect(checksums.recentUploads.find(later, 'SHA-256')).toBeUndefined();
    const longer = { ...identity, sizeBytes: identity.sizeBytes + 1 };
    expect(checksums.recentUploads.find(longer, 'SHA-256')).toBeUndefined();
    expect(checksums.recentUploads.find(identity, 'MD5')).toBeUndefined();
  });

  test('of an upload that was cut ends the work', async () => {
    const digest = digestsWith('on').begin({ descriptor, offsetBytes: 0, wanted: [] });
    write(CONTENT, 0, (size) => digest.reached(size));
    const pending = digest.get('SHA-256');
    digest.cancel();
    await expect(pending).rejects.toThrow('cancelled');
  });
});
