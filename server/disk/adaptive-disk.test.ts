import { beforeEach, describe, expect, test } from '@jest/globals';
import { AdaptiveDisk } from './adaptive-disk.ts';

describe('AdaptiveDisk', () => {
  let nowMs: number;
  let disk: AdaptiveDisk;

  beforeEach(() => {
    nowMs = 1000;
    disk = new AdaptiveDisk(() => nowMs);
  });

  const call = (durationMs = 0) =>
    disk.run(
      () => {
        nowMs += durationMs;
        return 'at once';
      },
      async () => 'on thread pool',
    );

  test('a quick disk is called at once', async () => {
    for (let count = 0; count < 100; count += 1) expect(await call(1)).toBe('at once');
  });

  test('after a long wait calls go to the thread pool, and come back when some time has passed', async () => {
    await call(150);
    expect(await call()).toBe('on thread pool');
    nowMs += 2001;
    expect(await call()).toBe('at once');
  });

  test('short waits now and then are no reason to leave', async () => {
    await call(30);
    nowMs += 2000;
    await call(90);
    expect(await call()).toBe('at once');
  });

  test('a disk that is slow again and again is tried less and less often', async () => {
    await call(150);
    nowMs += 2001;
    await call(150);
    nowMs += 2001;
    expect(await call()).toBe('on thread pool');
    nowMs += 2001;
    expect(await call()).toBe('at once');
  });

  test('a failure at once is a rejection', async () => {
    const failing = disk.run(
      () => {
        throw new Error('no such file');
      },
      async () => 'on thread pool',
    );
    await expect(failing).rejects.toThrow('no such file');
  });
});
