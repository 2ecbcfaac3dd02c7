import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ChangedDirectories } from './changed-directories.ts';

const signal = new AbortController().signal;

test('changes are told when nothing has changed for a while', async () => {
  const changes = new ChangedDirectories({ settleMs: 100, maxEvents: 100 });
  const startMs = performance.now();
  const settled = changes.settled(signal).then(() => performance.now() - startMs);
  for (const directory of ['a', 'b', 'a', 'a']) {
    await delay(50);
    changes.note(directory);
  }
  expect(await settled).toBeGreaterThanOrEqual(290);
  expect(changes.take()).toEqual({ directories: new Set(['a', 'b']), isAll: false });
  expect(changes.take()).toEqual({ directories: new Set(), isAll: false });
});

test('a tree that never rests is told, too', async () => {
  const changes = new ChangedDirectories({ settleMs: 20, maxEvents: 10_000 });
  const timer = setInterval(() => changes.note('a'), 2);
  try {
    await changes.settled(signal);
    expect(changes.take().directories).toEqual(new Set(['a']));
  } finally {
    clearInterval(timer);
  }
});

test('as many events as the system may have dropped stand for changes of everything', () => {
  const changes = new ChangedDirectories({ settleMs: 0, maxEvents: 10 });
  for (let event = 0; event < 9; event += 1) changes.note('a');
  expect(changes.take().isAll).toBe(false);
  for (let event = 0; event < 10; event += 1) changes.note('a');
  expect(changes.take().isAll).toBe(true);
  expect(changes.take().isAll).toBe(false);
});

test('waiting ends with its signal', async () => {
  const controller = new AbortController();
  const changes = new ChangedDirectories({ settleMs: 10, maxEvents: 10 });
  const settled = changes.settled(controller.signal);
  controller.abort(new Error('Enough.'));
  await expect(settled).rejects.toThrow('Enough.');
});
