import { expect, test } from '@jest/globals';
import { Mutex } from './mutex.ts';

test('one task runs at a time, in the order in which they came', async () => {
  const mutex = new Mutex();
  const events: string[] = [];
  const task = (name: string) =>
    mutex.run(async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([task('a'), task('b')])).toEqual(['a', 'b']);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a task that fails keeps none from running', async () => {
  const mutex = new Mutex();
  const failed = mutex.run(() => Promise.reject(new Error('no')));
  const after = mutex.run(async () => 'done');
  await expect(failed).rejects.toThrow('no');
  expect(await after).toBe('done');
});
