import { describe, expect, test } from '@jest/globals';
import { DiskSyncs } from './durability.ts';

/** Ends when it is told to. */
class ScriptedDisk {
  readonly calls: number[] = [];
  readonly #ends: ((error?: Error) => void)[] = [];

  readonly sync = (descriptor: number): Promise<void> => {
    this.calls.push(descriptor);
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  };

  async end(error?: Error): Promise<void> {
    this.#ends.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('DiskSyncs', () => {
  test('two at a time wait for the disk, the others for them, in order', async () => {
    const disk = new ScriptedDisk();
    const syncs = new DiskSyncs(disk.sync);
    const done = [1, 2, 3, 4].map((descriptor) => syncs.file(descriptor));
    expect(disk.calls).toEqual([1, 2]);
    await disk.end();
    expect(disk.calls).toEqual([1, 2, 3]);
    await disk.end();
    await disk.end();
    await disk.end();
    await Promise.all(done);
    expect(disk.calls).toEqual([1, 2, 3, 4]);
    void syncs.file(5);
    expect(disk.calls).toHaveLength(5);
  });

  test('one that fails is told, and lets the next one in', async () => {
    const disk = new ScriptedDisk();
    const syncs = new DiskSyncs(disk.sync);
    const [first, , third] = [syncs.file(1), syncs.file(2), syncs.directory(3)];
    const failure = Object.assign(new Error('the disk failed'), { code: 'EIO' });
    const failed = expect(first).rejects.toBe(failure);
    await disk.end(failure);
    await failed;
    expect(disk.calls).toEqual([1, 2, 3]);
    const directoryFailed = expect(third).rejects.toBe(failure);
    await disk.end();
    await disk.end(failure);
    await directoryFailed;
  });

  test('a file system that cannot do it for directories is no failure', async () => {
    const disk = new ScriptedDisk();
    const done = new DiskSyncs(disk.sync).directory(1);
    await disk.end(Object.assign(new Error('not here'), { code: 'EINVAL' }));
    await done;
  });
});
