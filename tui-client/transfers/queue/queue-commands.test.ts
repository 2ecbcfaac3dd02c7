import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConflictAnswer } from '../conflict.ts';
import { numberedName } from '../conflict.ts';
import { TwoTrees } from '../testing/two-trees.ts';
import type { TransferPlan } from '../transfer-plan.ts';
import type { ConflictPolicy } from './job.ts';
import type { TransferQueue } from './transfer-queue.ts';

const DIRECTIONS = ['upload', 'download'] as const;

let trees: TwoTrees;

beforeEach(async () => {
  trees = await TwoTrees.make();
});

afterEach(() => trees.dispose());

/** A source and a target of 9 and 3 octets; the source is the newer one, or the older. */
async function writeBoth(
  direction: 'upload' | 'download',
  { name = 'f.tar.gz', newer = 'source' }: { name?: string; newer?: 'source' | 'target' } = {},
): Promise<void> {
  await trees.writeSource(direction, name, 'of source');
  await trees.writeCopy(direction, name, 'old');
  const isHere = (newer === 'source') === (direction === 'upload');
  const place = isHere ? trees.local : trees.server.place;
  await place.setModified(isHere ? `${trees.here}/${name}` : `/${name}`, Date.now() + 3_600_000);
}

function copyOf(direction: 'upload' | 'download', name: string): Promise<string> {
  return trees.readCopy(direction, name).then(String);
}

test.each(
  DIRECTIONS.flatMap((direction) =>
    (
      [
        ['overwrite', 'source', 'done', 'of source'],
        ['skip', 'source', 'skipped', 'old'],
        ['newer', 'source', 'done', 'of source'],
        ['newer', 'target', 'skipped', 'old'],
        ['keep-both', 'source', 'done', 'old'],
      ] as const
    ).map((row) => [direction, ...row] as const),
  ),
)(
  '%s with the policy %s where the %s is newer is %s',
  async (direction, policy, newer, state, left) => {
    await writeBoth(direction, { newer });
    const queue = trees.queue();
    queue.add([trees[direction]('f.tar.gz', { policy })]);
    await queue.idle();
    expect(queue.snapshot().jobs[0]).toMatchObject({ state, tries: 0 });
    expect(await copyOf(direction, 'f.tar.gz')).toBe(left);
    if (policy === 'keep-both') {
      expect(await copyOf(direction, 'f (1).tar.gz')).toBe('of source');
    }
  },
);

test('both are kept under numbers that nobody else has, also in parallel', async () => {
  await trees.writeThere('a', 'first');
  await trees.writeThere('a (1)', 'second');
  const names = ['x', 'y', 'z'];
  for (const name of names) await trees.write(name, name);
  const queue = trees.queue();
  queue.add(names.map((name) => trees.upload(name, { to: '/a', policy: 'keep-both' })));
  await queue.idle();
  const kept = await Promise.all(['a (2)', 'a (3)', 'a (4)'].map((name) => trees.readThere(name)));
  expect(kept.map(String).sort()).toEqual(names);
  expect((await trees.readThere('a')).toString()).toBe('first');
});

test.each([
  ['name', 'name (1)'],
  ['name.txt', 'name (1).txt'],
  ['.bashrc', '.bashrc (1)'],
  ['a.tar.gz', 'a (1).tar.gz'],
  ['no. 1', 'no. 1 (1)'],
])('%s is kept as %s', (name, numbered) => {
  expect(numberedName(name, 1)).toBe(numbered);
});

test.each(DIRECTIONS)('each conflict is asked about once, with facts (%s)', async (direction) => {
  const names = ['a', 'b', 'c'];
  for (const name of names) await writeBoth(direction, { name });
  const answers: ConflictPolicy[] = ['overwrite', 'skip', 'keep-both'];
  const asked: unknown[] = [];
  const queue = trees.queue({
    onConflict: async ({ job, source, target, canResume }) => {
      asked.push([job.from.at(-1), source.sizeBytes, target.sizeBytes, canResume]);
      return { policy: answers.shift() as ConflictAnswer['policy'], scope: 'this' };
    },
  });
  queue.add(names.map((name) => trees[direction](name, { policy: 'ask' })));
  await queue.idle();
  expect(asked.sort()).toEqual([
    ['a', 9, 3, true],
    ['b', 9, 3, true],
    ['c', 9, 3, true],
  ]);
  expect(queue.snapshot().counts).toMatchObject({ done: 2, skipped: 1 });
});

test('others go on while a question is open, and one answer can be for all', async () => {
  for (let i = 0; i < 10; i++) await writeBoth('upload', { name: `f${i}` });
  await trees.write('free', 'free');
  let answer: (given: ConflictAnswer) => void = () => {};
  let questions = 0;
  const queue = trees.queue({
    workers: 1,
    onConflict: () => {
      questions++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  queue.add(Array.from({ length: 10 }, (_, i) => trees.upload(`f${i}`, { policy: 'ask' })));
  const [free] = queue.add([trees.upload('free')]);
  await new Promise<void>((resolve) => {
    queue.on('change', () => {
      const { jobs, counts } = queue.snapshot();
      const isFreeDone = jobs.find(({ id }) => id === free)?.state === 'done';
      if (isFreeDone && counts.asking === 10) resolve();
    });
  });
  answer({ policy: 'overwrite', scope: 'all' });
  await queue.idle();
  expect(questions).toBe(1);
  expect(queue.snapshot().counts.done).toBe(11);
  expect(await copyOf('upload', 'f9')).toBe('of source');
});

test('the order can be changed, and workers come and go', async () => {
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) await trees.write(name);
  const queue = trees.queue({ workers: 1 });
  queue.pause('all');
  const ids = queue.add(names.map((name) => trees.upload(name)));
  queue.move(ids[3] ?? '', -1);
  queue.move(ids[3] ?? '', -1);
  queue.move(ids[0] ?? '', 1);
  queue.move(ids[2] ?? '', 1);
  expect(queue.snapshot()).toMatchObject({ isPaused: true, workers: 1 });
  queue.resume('all');
  await queue.idle();
  const stored = trees.server.log.filter((line) => line.startsWith('STOR'));
  expect(stored.map((line) => line.split(' ')[1])).toEqual(['/d', '/a', '/b', '/c']);
  queue.setWorkers(4);
  expect(queue.snapshot().workers).toBe(4);
});

test('one job is paused, resumed and cancelled while others go on', async () => {
  await trees.write('big', 3_000_000);
  await trees.write('small', 10);
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    trees.server.onTransfer = (path) => {
      if (path !== '/big') return undefined;
      resolve();
      return held;
    };
  });
  const queue = trees.queue({ workers: 2 });
  const [big = ''] = queue.add([trees.upload('big'), trees.upload('small')]);
  await begun;
  queue.pause(big);
  release();
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ paused: 1, done: 1 });
  queue.resume(big);
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ done: 2 });
  queue.cancel(big);
  expect(queue.snapshot().jobs.map(({ from }) => from)).toEqual([`${trees.here}/small`]);
  queue.clear();
  expect(queue.snapshot().jobs).toEqual([]);
});

test('a directory is paused and resumed with all that came from it, others go on', async () => {
  for (let i = 0; i < 20; i++) await trees.write(`tree/sub/f${i}`, 10);
  await trees.write('other', 10);
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    trees.server.onTransfer = () => {
      resolve();
      return held;
    };
  });
  const queue = trees.queue({ workers: 1 });
  const [tree = ''] = queue.add([trees.upload('tree', { kind: 'directory' })]);
  await begun;
  const [other = ''] = queue.add([trees.upload('other')]);
  expect(queue.isPaused(tree)).toBe(false);
  queue.pause(tree);
  expect(queue.isPaused(tree)).toBe(true);
  release();
  await queue.idle();
  const stateOf = (id: string) => queue.snapshot().jobs.find((job) => job.id === id)?.state;
  expect(stateOf(other)).toBe('done');
  expect(queue.snapshot().counts).toMatchObject({ waiting: 0, running: 0 });
  expect(queue.snapshot().counts.paused).toBeGreaterThan(0);
  queue.resume(tree);
  expect(queue.isPaused(tree)).toBe(false);
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ paused: 0, done: 21 });
  expect((await trees.readThere('tree/sub/f19')).length).toBe(10);
});

/** Two directories within each other that have been read, and twenty files that wait. */
async function readTree(): Promise<{ queue: TransferQueue; tree: string; release: () => void }> {
  for (let i = 0; i < 20; i++) await trees.write(`tree/sub/f${i}`, 10);
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  trees.server.onTransfer = () => held;
  const queue = trees.queue({ workers: 1 });
  const [tree = ''] = queue.add([trees.upload('tree', { kind: 'directory' })]);
  const isRead = () => {
    const directories = queue.snapshot().jobs.filter(({ kind }) => kind === 'directory');
    return directories.length === 2 && directories.every(({ state }) => state === 'done');
  };
  while (!isRead()) await once(queue, 'change');
  return { queue, tree, release };
}

const directoriesOf = (queue: TransferQueue) =>
  queue
    .snapshot()
    .jobs.filter(({ kind }) => kind === 'directory')
    .map(({ below }) => below);

test('a directory that has been read says how it stands below, and goes when nothing is left', async () => {
  const { queue, tree, release } = await readTree();
  expect(directoriesOf(queue)).toEqual(['open', 'open']);
  queue.clear();
  queue.pause(tree);
  expect(directoriesOf(queue)).toEqual(['paused', 'paused']);
  expect(queue.isPaused(tree)).toBe(true);
  queue.clear();
  expect(queue.snapshot().jobs).toHaveLength(22);
  queue.resume(tree);
  expect(directoriesOf(queue)).toEqual(['open', 'open']);
  release();
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ done: 20, paused: 0 });
  expect(directoriesOf(queue)).toEqual([undefined, undefined]);
  queue.clear();
  expect(queue.snapshot().jobs).toEqual([]);
});

test('a higher directory is cancelled with what is below a cleared one', async () => {
  const { queue, tree, release } = await readTree();
  queue.clear();
  queue.cancel(tree);
  release();
  await queue.idle();
  expect(queue.snapshot().jobs.filter(({ state }) => state !== 'done')).toEqual([]);
});

test('a directory says that partly failed, until that is tried again', async () => {
  const { queue, release } = await readTree();
  await rm(join(trees.here, 'tree/sub/f7'));
  release();
  await queue.idle();
  expect(directoriesOf(queue)).toEqual(['failed', 'failed']);
  await trees.write('tree/sub/f7', 10);
  queue.retry('all');
  expect(directoriesOf(queue)).toEqual(['open', 'open']);
  await queue.idle();
  expect(directoriesOf(queue)).toEqual([undefined, undefined]);
});

test('cancelling a directory takes what came from it, and leaves what is done', async () => {
  for (let i = 0; i < 50; i++) await trees.write(`tree/sub/f${i}`, 10);
  let transfers = 0;
  const queue = trees.queue({ workers: 1 });
  const [tree = ''] = queue.add([trees.upload('tree', { kind: 'directory' })]);
  await new Promise<void>((resolve) => {
    trees.server.onTransfer = () => {
      if (++transfers === 5) resolve();
    };
  });
  queue.cancel(tree);
  await queue.idle();
  const { counts, jobs } = queue.snapshot();
  expect(counts).toMatchObject({ waiting: 0, running: 0, paused: 0, failed: 0 });
  expect(jobs.every(({ state }) => state === 'done')).toBe(true);
  expect(counts.done).toBeLessThan(10);
});

test('a hundred thousand jobs are shown and worked on without looking at all of them', async () => {
  const octets = randomBytes(1);
  await trees.write('f', octets);
  const plans: TransferPlan[] = [];
  for (let i = 0; i < 100_000; i++) plans.push(trees.upload('f', { to: `/${i}`, sizeBytes: 1 }));
  const queue = trees.queue({ workers: 2 });
  queue.pause('all');
  const ids = queue.add(plans);
  const { jobs, totalBytes, counts } = queue.snapshot();
  expect([jobs.length, totalBytes, counts.paused]).toEqual([100_000, 100_000, 100_000]);
  expect(queue.snapshot()).toBe(queue.snapshot());
  const before = queue.snapshot();
  queue.resume(ids[99_999] ?? '');
  await queue.idle();
  expect(before.jobs[99_999]?.state).toBe('paused');
  expect(queue.snapshot().jobs[99_999]?.state).toBe('done');
  expect(queue.snapshot().counts).toMatchObject({ done: 1, paused: 99_999 });
});

describe('ten thousand jobs', () => {
  const countsOf = (queue: TransferQueue) => queue.snapshot().counts;

  function manyPlans(): TransferPlan[] {
    return Array.from({ length: 10_000 }, (_, i) =>
      trees.upload('f', { to: `/${i}`, sizeBytes: 1 }),
    );
  }

  test('are all paused, whatever runs at once, and none starts meanwhile', async () => {
    await trees.write('f', 1);
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    trees.server.onTransfer = () => held;
    const queue = trees.queue({ workers: 2 });
    queue.add(manyPlans());
    queue.pause('all');
    expect(countsOf(queue)).toMatchObject({ running: 0 });
    expect(countsOf(queue).waiting).toBeGreaterThan(0);
    release();
    await queue.idle();
    expect(countsOf(queue)).toMatchObject({ waiting: 0, running: 0, paused: 10_000 });
  });

  test('are carried on, and cancelled but for what is done', async () => {
    await trees.write('f', 1);
    let transfers = 0;
    const queue = trees.queue({ workers: 2 });
    queue.pause('all');
    queue.add(manyPlans());
    const hasBegun = new Promise<void>((resolve) => {
      trees.server.onTransfer = () => {
        if (++transfers === 5) resolve();
      };
    });
    queue.resume('all');
    await hasBegun;
    queue.cancel('all');
    await queue.idle();
    const { counts, jobs } = queue.snapshot();
    expect(counts).toMatchObject({ waiting: 0, running: 0, paused: 0, failed: 0 });
    expect(jobs.every(({ state }) => state === 'done')).toBe(true);
    expect(jobs).toHaveLength(counts.done);
  });

  test('obey what comes while the last command still goes through them', async () => {
    await trees.write('f', 1);
    trees.server.onTransfer = () => new Promise(() => {});
    const queue = trees.queue({ workers: 2 });
    const ids = queue.add(manyPlans());
    queue.pause('all');
    queue.resume(ids[9_999] ?? '');
    expect(countsOf(queue)).toMatchObject({ waiting: 1, paused: 9999 });
    queue.cancel('all');
    queue.close();
    expect(queue.add(manyPlans())).toEqual([]);
  });
});

test('gaps between jobs are no matter for the order', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await trees.write(name);
  const queue = trees.queue({ workers: 1 });
  queue.pause('all');
  const ids = queue.add(names.map((name) => trees.upload(name)));
  queue.cancel(ids[1] ?? '');
  queue.cancel(ids[2] ?? '');
  queue.move(ids[3] ?? '', -1);
  queue.move(ids[3] ?? '', -1);
  queue.move(ids[0] ?? '', 1);
  const order = () => queue.snapshot().jobs.map(({ to }) => to);
  expect(order()).toEqual(['/d', '/e', '/a']);
  queue.resume('all');
  await queue.idle();
  queue.clear();
  queue.add([trees.upload('b')]);
  expect(order()).toEqual(['/b']);
  await queue.idle();
  expect(queue.snapshot().counts.done).toBe(1);
});

test('changes are told at most five times a second', async () => {
  for (let i = 0; i < 200; i++) await trees.write(`f${i}`, 10);
  let told = 0;
  let nowMs = 0;
  const tasks: { atMs: number; task: () => void }[] = [];
  const clock = {
    now: () => nowMs,
    after: (delayMs: number, task: () => void) => {
      tasks.push({ atMs: nowMs + delayMs, task });
      return () => {};
    },
  };
  const queue = trees.queue({ clock });
  queue.on('change', () => told++);
  queue.add(Array.from({ length: 200 }, (_, i) => trees.upload(`f${i}`)));
  await queue.idle();
  for (; nowMs < 2000; nowMs += 10) {
    const due = tasks.filter(({ atMs }) => atMs <= nowMs);
    for (const { task } of due)
      tasks.splice(
        tasks.findIndex((one) => one.task === task),
        1,
      );
    for (const { task } of due) task();
  }
  expect(told).toBe(1);
  queue.clear();
  queue.setWorkers(2);
  expect(tasks).toHaveLength(1);
  expect(tasks[0]?.atMs).toBeLessThanOrEqual(nowMs);
});

test('a file in a directory that was listed or made costs no question of its own', async () => {
  for (let i = 0; i < 30; i++) await trees.write(`tree/f${i}`, 100);
  await trees.writeThere('tree/f7', 'old');
  const queue = trees.queue({ onConflict: async () => ({ policy: 'overwrite', scope: 'all' }) });
  queue.add([trees.upload('tree', { kind: 'directory', policy: 'ask' })]);
  await queue.idle();
  expect(queue.snapshot().counts.done).toBe(30);
  expect(trees.server.count('MLST')).toBe(1);
  expect(trees.server.count('MLSD')).toBe(1);
  expect(trees.server.log).toHaveLength(2 + 30 * 3);
});
