import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { FairTurns } from '../scheduling/fair-turns.ts';
import { CommandQueue } from './command-queue.ts';

/** A queue whose commands end when the test says so. */
function setUp() {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const flow: string[] = [];
  const overtaking: string[] = [];
  let looksAhead = false;
  const queue = new CommandQueue({
    turns: new FairTurns(),
    run: (line) => {
      started.push(String(line));
      return new Promise((resolve) => ends.push(resolve));
    },
    looksAhead: () => looksAhead,
    overtake: (line) => {
      const isOvertaking = String(line) === 'NOOP';
      if (isOvertaking) overtaking.push(String(line));
      return isOvertaking;
    },
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
  });
  return {
    queue,
    started,
    flow,
    overtaking,
    async receive(...lines: string[]) {
      queue.receive(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
      await turnsTaken();
    },
    async endOne() {
      ends.shift()?.();
      await turnsTaken();
    },
    async beginLooking() {
      looksAhead = true;
      queue.lookAhead();
      await turnsTaken();
    },
  };
}

/** Turns that have been asked for are taken within a few rounds of the event loop. */
async function turnsTaken(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await setImmediate();
}

describe('CommandQueue', () => {
  test('runs one command after another, in the order in which they came', async () => {
    const { receive, started, endOne } = setUp();
    await receive('a', 'b', 'c');
    expect(started).toEqual(['a']);
    await endOne();
    expect(started).toEqual(['a', 'b']);
    await endOne();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  test('knows what it has looked at and what waits', async () => {
    const { queue, receive, beginLooking, endOne } = setUp();
    const isAbort = (line: unknown) => String(line) === 'ABOR';
    await receive('ABOR');
    expect([queue.hasArrived, queue.isWaiting, queue.includes(isAbort)]).toEqual([
      false,
      false,
      false,
    ]);
    await receive('PWD', 'ABOR');
    expect([queue.hasArrived, queue.isWaiting]).toEqual([true, false]);
    await beginLooking();
    expect([queue.isWaiting, queue.includes(isAbort)]).toEqual([true, true]);
    await endOne();
    await endOne();
    expect([queue.hasArrived, queue.isWaiting, queue.includes(isAbort)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('looks at no line while a command runs that nothing overtakes', async () => {
    const { receive, overtaking, beginLooking, endOne, started } = setUp();
    await receive('RETR', 'NOOP', 'PWD', 'NOOP');
    expect(overtaking).toEqual([]);
    await beginLooking();
    expect(overtaking).toEqual(['NOOP', 'NOOP']);
    await endOne();
    expect(started).toEqual(['RETR', 'PWD']);
  });

  test('looks ahead at some lines, not at all of a flood', async () => {
    const { receive, overtaking, beginLooking, endOne } = setUp();
    await receive('RETR', ...Array<string>(64).fill('PWD'), 'NOOP');
    await beginLooking();
    expect(overtaking).toEqual([]);
    await endOne();
    await beginLooking();
    expect(overtaking).toEqual(['NOOP']);
  });

  test('is idle when the last command has ended', async () => {
    const { queue, receive, endOne } = setUp();
    await queue.whenIdle();
    await receive('a', 'b');
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
    const { queue, receive, started, endOne } = setUp();
    await receive('a', 'b');
    queue.close();
    await receive('c');
    await endOne();
    await queue.whenIdle();
    expect(started).toEqual(['a']);
  });

  test('reading stops while much is held, and goes on when it has been dealt with', async () => {
    const { receive, started, flow, endOne } = setUp();
    const commands = 4000;
    await receive(...Array<string>(commands).fill('PWD'));
    expect(flow).toEqual(['pause']);
    while (started.length < commands - 1) await endOne();
    expect(flow).toEqual(['pause']);
    await endOne();
    expect(flow).toEqual(['pause', 'resume']);
  });
});
