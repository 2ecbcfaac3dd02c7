import { expect, test } from '@jest/globals';
import { ChunkedTask, inChunks } from './chunks.ts';

const items = Array.from({ length: 4500 }, (_, index) => index);

test('a long list comes in parts, with turns for others between them', async () => {
  const seen: number[] = [];
  let turns = 0;
  for await (const portion of inChunks(items)) {
    seen.push(...portion);
    setImmediate(() => turns++);
  }
  expect(seen).toEqual(items);
  expect(turns).toBeGreaterThanOrEqual(3);
});

test('a sweep does a short list at once, and a long one bit by bit', async () => {
  const seen: number[] = [];
  const sweep = new ChunkedTask();
  sweep.start(items.slice(0, 10), { visit: (item) => seen.push(item), onEnd: () => {} });
  expect([seen.length, sweep.isRunning]).toEqual([10, false]);
  seen.length = 0;
  await new Promise<void>((onEnd) => {
    sweep.start(items, { visit: (item) => seen.push(item), onEnd });
    expect(sweep.isRunning).toBe(true);
    expect(seen.length).toBeLessThan(items.length);
  });
  expect(seen).toEqual(items);
  expect(sweep.isRunning).toBe(false);
});

test('a sweep that is followed by another one is brought to its end first', () => {
  const done: string[] = [];
  const sweep = new ChunkedTask();
  sweep.start(items, { visit: () => {}, onEnd: () => done.push('first') });
  sweep.start(items, { visit: () => {}, onEnd: () => done.push('second') });
  expect(done).toEqual(['first']);
  sweep.finish();
  expect(done).toEqual(['first', 'second']);
});

test('a sweep that is stopped leaves the rest alone', async () => {
  let visited = 0;
  const sweep = new ChunkedTask();
  sweep.start(items, { visit: () => visited++, onEnd: () => visited++ });
  const before = visited;
  sweep.stop();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([visited, sweep.isRunning]).toEqual([before, false]);
});
