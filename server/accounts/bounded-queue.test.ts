import { expect, test } from '@jest/globals';
import { LoginRefusedError } from '../errors.ts';
import { BoundedQueue } from './bounded-queue.ts';

test('so many run, so many wait in order, the rest are refused, and a failure frees its place', async () => {
  const queue = new BoundedQueue({ maxRunning: 2, maxWaiting: 2 });
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((number) =>
    queue.run(async () => {
      started.push(number);
      await new Promise<void>((resolve) => finish.push(resolve));
      if (number === 0) throw new Error('failed');
      return number;
    }),
  );
  const results = Promise.allSettled(runs);
  await expect(queue.run(async () => 4)).rejects.toThrow(LoginRefusedError);
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
  expect(await queue.run(async () => 5)).toBe(5);
});
