import type { WriteStream } from 'node:tty';
import { describe, expect, test } from '@jest/globals';
import { setBlocking } from './tty-internals.ts';

/** Behaviour on a real terminal that stalls: `tests/terminal/term.test.ts`. */
describe('synchronous writes to a terminal', () => {
  function terminal(): { output: WriteStream; calls: boolean[] } {
    const calls: boolean[] = [];
    const output = { _handle: { setBlocking: (on: boolean) => calls.push(on) }, writableLength: 0 };
    return { output: output as unknown as WriteStream, calls };
  }

  test('are switched off and on by releases of Node that were tested', () => {
    const { output, calls } = terminal();
    const results = ['22.18.0', '24.22.3', '26.1.0'].map((version) =>
      setBlocking(output, 'off', { version }),
    );
    expect([results, calls]).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
    expect([setBlocking(output, 'on', { version: '24.0.0' }), calls.at(-1)]).toEqual([true, true]);
  });

  test('stay as they are with another release of Node', () => {
    const { output, calls } = terminal();
    expect(setBlocking(output, 'off', { version: '27.0.0' })).toBe(false);
    expect(calls).toEqual([]);
  });

  test.each([
    ['no handle', null],
    ['a handle without the method', {}],
  ])('stay as they are with %s', (_name, handle) => {
    const output = { _handle: handle, writableLength: 0 } as unknown as WriteStream;
    expect(setBlocking(output, 'off', { version: '24.0.0' })).toBe(false);
  });
});
