import { describe, expect, test } from '@jest/globals';
import { LoginRefusedError } from '../errors/errors.ts';
import { FairQueue } from './fair-queue.ts';

test('so many run, so many wait in order, the rest are refused, and a failure frees its place', async () => {
  const queue = new FairQueue({ maxRunning: 2, maxWaiting: 2 });
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((number) =>
    queue.run('a', async () => {
      started.push(number);
      await new Promise<void>((resolve) => finish.push(resolve));
      if (number === 0) throw new Error('failed');
      return number;
    }),
  );
  const results = Promise.allSettled(runs);
  await expect(queue.run('a', async () => 4)).rejects.toThrow(LoginRefusedError);
  expect(started).toEqual([0, 1]);
  finish[0]?.();
  await expect(runs[0]).rejects.toThrow('failed');
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1, 2]);
  finish[1]?.();
  finish[2]?.();
  await Promise.all([runs[1], runs[2]]);
  await new Promise(setImmediate);
  finish[3]?.();
  await results;
  expect(started).toEqual([0, 1, 2, 3]);
  expect(await queue.run('a', async () => 5)).toBe(5);
});

describe('with several origins', () => {
  function setUp(maxWaiting = 100) {
    const queue = new FairQueue({ maxRunning: 1, maxWaiting });
    const started: string[] = [];
    const finish: (() => void)[] = [];
    const refused: string[] = [];
    const run = (origin: string, name: string) =>
      void queue
        .run(origin, () => {
          started.push(name);
          return new Promise<void>((resolve) => finish.push(resolve));
        })
        .catch(() => refused.push(name));
    const finishOne = async () => {
      finish.shift()?.();
      await new Promise(setImmediate);
    };
    return { run, started, refused, finishOne };
  }

  test('they are served in turn, however many one of them has', async () => {
    const { run, started, finishOne } = setUp();
    for (let count = 0; count < 20; count += 1) run('many', `many-${count}`);
    run('one', 'innocent');
    run('other', 'other');
    await new Promise(setImmediate);
    for (let count = 0; count < 4; count += 1) await finishOne();
    expect(started).toEqual(['many-0', 'many-1', 'innocent', 'other', 'many-2']);
  });

  test('when too many wait, the origin that has most of them loses one', async () => {
    const { run, started, refused, finishOne } = setUp(3);
    for (let count = 0; count < 4; count += 1) run('many', `many-${count}`);
    run('one', 'innocent');
    await new Promise(setImmediate);
    expect(refused).toEqual(['many-3']);
    await finishOne();
    await finishOne();
    expect(started).toContain('innocent');
  });
});
