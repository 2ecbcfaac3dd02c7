import { describe, expect, test } from '@jest/globals';
import { CommandLock } from './command-lock.ts';

/** A task that ends when the test says so. */
function heldTask(): { readonly task: () => Promise<void>; end(): void } {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { task: () => ended, end };
}

describe('the lock of a control connection', () => {
  test('runs a task at once if no other runs', () => {
    let hasBegun = false;
    void new CommandLock().run(async () => {
      hasBegun = true;
    });
    expect(hasBegun).toBe(true);
  });

  test('runs tasks one at a time, in the order of asking', async () => {
    const lock = new CommandLock();
    const held = heldTask();
    const order: number[] = [];
    const tasks = [
      lock.run(held.task),
      ...[1, 2, 3].map((number) => lock.run(async () => void order.push(number))),
    ];
    expect([lock.isBusy, lock.isWanted, order]).toEqual([true, true, []]);
    held.end();
    await Promise.all(tasks);
    expect([lock.isBusy, lock.isWanted, order]).toEqual([false, false, [1, 2, 3]]);
  });

  test('passes on after a failure', async () => {
    const lock = new CommandLock();
    const failed = lock.run(() => Promise.reject(new Error('no')));
    const next = lock.run(async () => 'done');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('done');
  });

  test('lets a task give up while it waits, and runs the one after it', async () => {
    const lock = new CommandLock();
    const held = heldTask();
    const giveUp = new AbortController();
    const first = lock.run(held.task);
    const second = lock.run(async () => 'second', giveUp.signal);
    const third = lock.run(async () => 'third');
    giveUp.abort(new Error('given up'));
    await expect(second).rejects.toThrow('given up');
    held.end();
    await first;
    expect(await third).toBe('third');
  });

  test('tells the task that runs when another waits', async () => {
    const lock = new CommandLock();
    const held = heldTask();
    const first = lock.run(held.task);
    const wanted = lock.wanted();
    const second = lock.run(async () => {});
    await wanted;
    held.end();
    await Promise.all([first, second]);
  });
});
