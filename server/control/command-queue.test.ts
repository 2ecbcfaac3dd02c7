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

  test('a command can be put before those that wait', async () => {
    const { queue, push, started, endOne } = setUp();
    push('RETR');
    push('NOOP');
    queue.pushFirst(Buffer.from('ABOR'));
    await endOne();
    await endOne();
    expect(started).toEqual(['RETR', 'ABOR', 'NOOP']);
  });

  test('a command that waits can be put before the others', async () => {
    const { queue, push, started, endOne } = setUp();
    const isAbort = (line: unknown) => String(line) === 'ABOR';
    for (const text of ['RETR', 'NOOP', 'ABOR']) push(text);
    expect(queue.promote(isAbort)).toBe(true);
    await endOne();
    await endOne();
    expect(started).toEqual(['RETR', 'ABOR', 'NOOP']);
    expect(queue.promote(isAbort)).toBe(false);
  });

  test('one that is put first runs at once if nothing runs', () => {
    const { queue, started } = setUp();
    queue.pushFirst(Buffer.from('ABOR'));
    expect(started).toEqual(['ABOR']);
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
    queue.pushFirst(Buffer.from('d'));
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
