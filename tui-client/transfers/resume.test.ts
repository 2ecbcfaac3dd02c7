import { chmod, link, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Failure } from '../errors/failure.ts';
import type { Job } from './queue/job.ts';
import type { TransferQueue } from './queue/transfer-queue.ts';
import { TestClock } from './testing/test-clock.ts';
import { TwoTrees } from './testing/two-trees.ts';

const DIRECTIONS = ['upload', 'download'] as const;

let trees: TwoTrees;
let clock: TestClock;
let queue: TransferQueue;

beforeEach(async () => {
  trees = await TwoTrees.make();
  clock = new TestClock();
  queue = trees.queue({ clock });
});

afterEach(() => trees.dispose());

function onlyJob(): Job {
  const [job] = queue.snapshot().jobs;
  if (job === undefined) throw new Error('There is no job.');
  return job;
}

/** From which octet each transfer began. */
function offsets(): number[] {
  const moves = trees.server.log.filter((line) => /^(STOR|RETR)/.test(line));
  return moves.map((line) => Number(line.split(' ').at(-1)));
}

test.each(DIRECTIONS)(
  'a cut %s is carried on where it was cut, and is whole',
  async (direction) => {
    const octets = await trees.writeSource(direction, 'f', 300_000);
    trees.server.faults.cutAfterBytes = [100_000, 50_000];
    queue.add([trees[direction]('f')]);
    await queue.idle();
    expect(octets.equals(await trees.readCopy(direction, 'f'))).toBe(true);
    expect(onlyJob()).toMatchObject({
      state: 'done',
      tries: 2,
      verified: { algorithm: 'SHA-256' },
    });
    expect(offsets()).toEqual([0, 100_000, 150_000]);
    expect(clock.backOffsMs).toEqual([1000, 2000]);
    expect(await readdir(trees.here)).toEqual(['f']);
  },
);

test.each(DIRECTIONS)(
  'where the confirmation is lost, an %s is compared and not moved again',
  async (direction) => {
    await trees.writeSource(direction, 'f', 50_000);
    trees.server.faults.loseConfirmations = 1;
    queue.add([trees[direction]('f')]);
    await queue.idle();
    expect(onlyJob()).toMatchObject({
      state: 'done',
      tries: 1,
      verified: { algorithm: 'SHA-256' },
    });
    expect(offsets()).toEqual([0]);
  },
);

test.each(DIRECTIONS)('a source that has changed since begins anew (%s)', async (direction) => {
  await trees.writeSource(direction, 'f', 200_000);
  trees.server.faults.cutAfterBytes = [100_000];
  let changed: Buffer | undefined;
  queue = trees.queue({
    clock: {
      now: () => clock.now(),
      after: (delayMs, task) =>
        clock.after(delayMs, () => {
          if (delayMs !== 1000) return task();
          void trees.writeSource(direction, 'f', 190_000).then((octets) => {
            changed = octets;
            task();
          });
        }),
    },
  });
  queue.add([trees[direction]('f')]);
  await queue.idle();
  expect(changed?.equals(await trees.readCopy(direction, 'f'))).toBe(true);
  expect(offsets()).toEqual([0, 0]);
});

test.each(DIRECTIONS)('resume carries on a target that is a beginning (%s)', async (direction) => {
  const octets = await trees.writeSource(direction, 'f', 100_000);
  await trees.writeCopy(direction, 'f', octets.subarray(0, 70_000));
  queue.add([trees[direction]('f', { policy: 'resume' })]);
  await queue.idle();
  expect(octets.equals(await trees.readCopy(direction, 'f'))).toBe(true);
  expect(offsets()).toEqual([70_000]);
});

test.each(DIRECTIONS)('a target that is no beginning stays as it is (%s)', async (direction) => {
  await trees.writeSource(direction, 'f', 100_000);
  const before = await trees.writeCopy(direction, 'f', 60_000);
  queue.add([trees[direction]('f', { policy: 'resume' })]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'failed', error: { kind: 'exists' } });
  expect(before.equals(await trees.readCopy(direction, 'f'))).toBe(true);
  expect(await readdir(trees.here)).toEqual(['f']);
});

test.each(DIRECTIONS)('a target that is longer stays as it is (%s)', async (direction) => {
  await trees.writeSource(direction, 'f', 1000);
  const before = await trees.writeCopy(direction, 'f', 2000);
  queue.add([trees[direction]('f', { policy: 'resume' })]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'failed', error: { kind: 'exists' } });
  expect(before.equals(await trees.readCopy(direction, 'f'))).toBe(true);
});

test('a download that fails leaves the file that it was to carry on', async () => {
  const octets = await trees.writeThere('f', 300_000);
  await trees.write('f', octets.subarray(0, 100_000));
  trees.server.onTransfer = () => {
    throw new Failure('denied', '550 No.', { code: 550 });
  };
  queue.add([trees.download('f', { policy: 'resume' })]);
  await queue.idle();
  expect(onlyJob().state).toBe('failed');
  expect(octets.subarray(0, 100_000).equals(await trees.read('f'))).toBe(true);
});

describe('without checksums', () => {
  beforeEach(() => {
    trees.server.algorithm = undefined;
  });

  const OVERLAP = 64 * 1024;

  test.each(DIRECTIONS)('the octets before the seam are compared (%s)', async (direction) => {
    const octets = await trees.writeSource(direction, 'f', 300_000);
    await trees.writeCopy(direction, 'f', octets.subarray(0, 200_000));
    queue.add([trees[direction]('f', { policy: 'resume' })]);
    await queue.idle();
    expect(onlyJob()).toMatchObject({ state: 'done', verified: 'unavailable' });
    expect(octets.equals(await trees.readCopy(direction, 'f'))).toBe(true);
    const expected = direction === 'upload' ? [200_000 - OVERLAP, 200_000] : [200_000 - OVERLAP];
    expect(offsets()).toEqual(expected);
  });

  test.each([
    ['upload', 'all', 50_000],
    ['upload', 'the end', 200_000],
    ['download', 'all', 50_000],
    ['download', 'the end', 200_000],
  ] as const)('an %s does not mix two files: %s differs', async (direction, _, sizeBytes) => {
    await trees.writeSource(direction, 'f', 300_000);
    const before = await trees.writeCopy(direction, 'f', sizeBytes);
    queue.add([trees[direction]('f', { policy: 'resume' })]);
    await queue.idle();
    expect(onlyJob()).toMatchObject({ state: 'failed', error: { kind: 'exists' } });
    expect(before.equals(await trees.readCopy(direction, 'f'))).toBe(true);
    expect(await readdir(trees.here)).toEqual(['f']);
  });

  test.each(DIRECTIONS)('a copy of one size is the same, or fails (%s)', async (direction) => {
    const octets = await trees.writeSource(direction, 'f', 100_000);
    await trees.writeCopy(direction, 'f', octets);
    await trees.writeSource(direction, 'g', 100_000);
    const other = await trees.writeCopy(direction, 'g', 100_000);
    const plans = ['f', 'g'].map((name) => trees[direction](name, { policy: 'resume' }));
    queue.add(plans);
    await queue.idle();
    expect(queue.snapshot().jobs.map(({ state }) => state)).toEqual(['done', 'failed']);
    expect(other.equals(await trees.readCopy(direction, 'g'))).toBe(true);
  });

  test('a cut download is compared before it is carried on', async () => {
    await trees.writeThere('f', 300_000);
    trees.server.faults.cutAfterBytes = [100_000];
    let octets: Buffer | undefined;
    let transfers = 0;
    trees.server.onTransfer = async () => {
      transfers += 1;
      if (transfers !== 2) return;
      // With the size and the time that it had, as a server tells them.
      const path = join(trees.server.root, 'f');
      const { mtime } = await stat(path);
      octets = await trees.writeThere('f', 300_000);
      await utimes(path, mtime, mtime);
    };
    queue.add([trees.download('f')]);
    await queue.idle();
    expect(onlyJob().state).toBe('done');
    expect(octets?.equals(await trees.read('f'))).toBe(true);
  });
});

test.each(DIRECTIONS)('resume moves nothing where all is there (%s)', async (direction) => {
  const octets = await trees.writeSource(direction, 'f', 100_000);
  await trees.writeCopy(direction, 'f', octets);
  queue.add([trees[direction]('f', { policy: 'resume' })]);
  await queue.idle();
  expect(onlyJob()).toMatchObject({ state: 'done', verified: { algorithm: 'SHA-256' } });
  expect(offsets()).toEqual([]);
});

test('a part of an earlier run is known by the time of its source', async () => {
  const octets = await trees.writeThere('f', 100_000);
  await utimes(join(trees.server.root, 'f'), 1_600_000_000, 1_600_000_000);
  trees.server.faults.cutAfterBytes = [30_000];
  const plan = trees.download('f', { modifiedMs: 1_600_000_000_000, sizeBytes: 100_000 });
  const paused = new Promise<void>((resolve) => {
    queue = trees.queue({
      clock: {
        now: () => clock.now(),
        after: (delayMs, task) => {
          if (delayMs >= 1000) resolve();
          else setImmediate(task);
          return () => {};
        },
      },
    });
  });
  queue.add([plan]);
  await paused;
  queue.pause('all');
  await queue.idle();
  const part = await stat(join(trees.here, 'f.part'));
  expect([part.size, part.mode & 0o777, part.mtimeMs]).toEqual([30_000, 0o600, 1_600_000_000_000]);

  const another = trees.queue();
  another.add([plan]);
  await another.idle();
  expect(octets.equals(await trees.read('f'))).toBe(true);
  expect(offsets()).toEqual([0, 30_000]);
});

test('a part of ours from another source is written anew', async () => {
  const octets = await trees.writeThere('f', 100_000);
  await trees.write('f.part', 60_000);
  await chmod(join(trees.here, 'f.part'), 0o600);
  await utimes(join(trees.here, 'f.part'), 1_500_000_000, 1_500_000_000);
  queue.add([trees.download('f')]);
  await queue.idle();
  expect(octets.equals(await trees.read('f'))).toBe(true);
  expect(offsets()).toEqual([0]);
});

test('no link, hard link or foreign file at the name of the part is touched', async () => {
  await trees.write('victim', 'precious');
  await chmod(join(trees.here, 'victim'), 0o600);
  await symlink(join(trees.here, 'victim'), join(trees.here, 'a.part'));
  await link(join(trees.here, 'victim'), join(trees.here, 'b.part'));
  await writeFile(join(trees.here, 'c.part'), 'a film');
  const names = ['a', 'b', 'c'];
  for (const name of names) await trees.writeThere(name, `new ${name}`);
  queue.add(names.map((name) => trees.download(name)));
  await queue.idle();
  expect((await trees.read('victim')).toString()).toBe('precious');
  expect((await trees.read('c.part')).toString()).toBe('a film');
  for (const name of names) expect((await trees.read(name)).toString()).toBe(`new ${name}`);
  const parts = ['a.part', 'b.part', 'c.part'];
  expect((await readdir(trees.here)).sort()).toEqual([...names, ...parts, 'victim'].sort());
});
