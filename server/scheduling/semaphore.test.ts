import { expect, test } from '@jest/globals';
import { Semaphore } from './semaphore.ts';

test('with one slot, one task runs at a time, in the order in which they came', async () => {
  const semaphore = new Semaphore(1);
  const events: string[] = [];
  const task = (name: string) =>
    semaphore.run(async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([task('a'), task('b')])).toEqual(['a', 'b']);
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a task that fails keeps none from running', async () => {
  const semaphore = new Semaphore(1);
  const failed = semaphore.run(() => Promise.reject(new Error('no')));
  const after = semaphore.run(async () => 'done');
  await expect(failed).rejects.toThrow('no');
  expect(await after).toBe('done');
});

test('a task that comes while another gets its slot waits for its own', async () => {
  const semaphore = new Semaphore(2);
  let running = 0;
  let mostRunning = 0;
  const task = () =>
    semaphore.run(async () => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await Promise.resolve();
      running -= 1;
    });
  const first = [task(), task(), task()];
  expect(semaphore.tasks).toBe(3);
  const second = first.map((done) => done.then(task));
  await Promise.all([...first, ...second]);
  expect(mostRunning).toBe(2);
  expect(semaphore.tasks).toBe(0);
});
