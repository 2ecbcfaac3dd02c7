import { describe, expect, test } from '@jest/globals';
import type { JobAnswer } from './messages.ts';
import { AWAIT_NEWS, TaskRunner } from './task-runner.ts';

const finished: string[] = [];

const tasks = {
  *slices(input: { name: string; count: number }) {
    for (let slice = 1; slice < input.count; slice += 1) yield undefined;
    finished.push(input.name);
    return input.name;
  },
  *parts(input: { count: number }) {
    for (let part = 1; part < input.count; part += 1) yield part;
    return input.count;
  },
  *untilToldEnough(): Generator<typeof AWAIT_NEWS, number[], number> {
    const told: number[] = [];
    while (told.at(-1) !== 0) told.push(yield AWAIT_NEWS);
    return told;
  },
  *untilCancelled() {
    try {
      for (;;) yield undefined;
    } finally {
      finished.push('cleaned up');
    }
  },
  // biome-ignore lint/correctness/useYield: it fails before.
  *fails(): Generator<undefined, string> {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  },
};

function setUp() {
  const sent: JobAnswer[] = [];
  finished.length = 0;
  const runner = new TaskRunner({ tasks, send: (message) => sent.push(message) });
  return { runner, sent };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('TaskRunner', () => {
  test('a short job that comes later ends before a long one', async () => {
    const { runner } = setUp();
    runner.receive({ kind: 'start', id: 1, task: 'slices', input: { name: 'long', count: 30 } });
    runner.receive({ kind: 'start', id: 2, task: 'slices', input: { name: 'short', count: 3 } });
    await turns(60);
    expect(finished).toEqual(['short', 'long']);
  });

  test('a job stops after four parts until one is taken', async () => {
    const { runner, sent } = setUp();
    runner.receive({ kind: 'start', id: 1, task: 'parts', input: { count: 7 } });
    await turns(20);
    expect(sent).toHaveLength(4);
    runner.receive({ kind: 'taken', id: 1 });
    await turns(20);
    expect(sent).toHaveLength(5);
    runner.receive({ kind: 'taken', id: 1 });
    runner.receive({ kind: 'taken', id: 1 });
    await turns(20);
    expect(sent.at(-1)).toEqual({ kind: 'end', id: 1, part: 7 });
  });

  test('a job that waits for news gets the latest', async () => {
    const { runner, sent } = setUp();
    runner.receive({ kind: 'start', id: 1, task: 'untilToldEnough', input: undefined });
    await turns(3);
    for (const news of [1, 2, 3]) runner.receive({ kind: 'tell', id: 1, news });
    await turns(3);
    runner.receive({ kind: 'tell', id: 1, news: 4 });
    await turns(3);
    runner.receive({ kind: 'tell', id: 1, news: 0 });
    await turns(3);
    expect(sent).toEqual([{ kind: 'end', id: 1, part: [3, 4, 0] }]);
  });

  test('a cancelled job cleans up and ends without a part', async () => {
    const { runner, sent } = setUp();
    runner.receive({ kind: 'start', id: 1, task: 'untilCancelled', input: undefined });
    await turns(3);
    runner.receive({ kind: 'cancel', id: 1 });
    await turns(3);
    expect(finished).toEqual(['cleaned up']);
    expect(sent).toEqual([{ kind: 'end', id: 1 }]);
  });

  test('a failure is told with its code and does not touch other jobs', async () => {
    const { runner, sent } = setUp();
    runner.receive({ kind: 'start', id: 1, task: 'slices', input: { name: 'other', count: 3 } });
    runner.receive({ kind: 'start', id: 2, task: 'fails', input: undefined });
    await turns(10);
    expect(sent).toEqual([
      { kind: 'failed', id: 2, message: 'no such file', code: 'ENOENT' },
      { kind: 'end', id: 1, part: 'other' },
    ]);
  });

  test('messages about jobs that have ended are ignored', async () => {
    const { runner, sent } = setUp();
    runner.receive({ kind: 'cancel', id: 9 });
    runner.receive({ kind: 'taken', id: 9 });
    await turns(3);
    expect(sent).toEqual([]);
  });
});
