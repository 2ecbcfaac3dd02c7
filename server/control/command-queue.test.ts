import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { CommandQueue } from './command-queue.ts';

/** A queue whose commands end when the test says so. */
function setUp() {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const flow: string[] = [];
  const queue = new CommandQueue({
    run: (line) => {
      started.push(String(line));
      return new Promise((resolve) => ends.push(resolve));
    },
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
  });
  return {
    queue,
    started,
    flow,
    push: (text: string) => queue.push(Buffer.from(text)),
    async endOne() {
      ends.shift()?.();
      await setImmediate();
    },
  };
}

describe('CommandQueue', () => {
  test('runs one command after another, in the order in which they came', async () => {
    const { push, started, endOne } = setUp();
    for (const text of ['a', 'b', 'c']) push(text);
    expect(started).toEqual(['a']);
    await endOne();
    expect(started).toEqual(['a', 'b']);
    await endOne();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  test('knows what waits', async () => {
    const { queue, push, endOne } = setUp();
    const isAbort = (line: unknown) => String(line) === 'ABOR';
    push('ABOR');
    expect([queue.isWaiting, queue.includes(isAbort)]).toEqual([false, false]);
    push('NOOP');
    expect([queue.isWaiting, queue.includes(isAbort)]).toEqual([true, false]);
    push('ABOR');
    expect(queue.includes(isAbort)).toBe(true);
    await endOne();
    await endOne();
    expect([queue.isWaiting, queue.includes(isAbort)]).toEqual([false, false]);
  });

  test('is idle when the last command has ended', async () => {
    const { queue, push, endOne } = setUp();
    await queue.whenIdle();
    push('a');
    push('b');
    let isIdle = false;
    const idle = queue.whenIdle().then(() => {
      isIdle = true;
    });
    await endOne();
    expect(isIdle).toBe(false);
    await endOne();
    await idle;
    expect(isIdle).toBe(true);
  });

  test('closing drops what waits and takes nothing more', async () => {
    const { queue, push, started, endOne } = setUp();
    push('a');
    push('b');
    queue.close();
    push('c');
    await endOne();
    await queue.whenIdle();
    expect(started).toEqual(['a']);
  });

  test('reading stops while very many commands wait, and goes on when half of them are done', async () => {
    const { push, started, flow, endOne } = setUp();
    for (let count = 0; count < 300; count += 1) push('NOOP');
    expect(flow).toEqual(['pause']);
    while (started.length < 300 - 127) await endOne();
    expect(flow).toEqual(['pause']);
    await endOne();
    expect(flow).toEqual(['pause', 'resume']);
  });
});
