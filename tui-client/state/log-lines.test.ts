import { expect, test } from '@jest/globals';
import { newLog, shownLines, updateLog } from './log-lines.ts';

const lines = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => `line ${first + index}`);

test('the last lines are shown, and those that come push them up', () => {
  const log = updateLog(updateLog(newLog(), { type: 'resized', height: 2 }), {
    type: 'added',
    lines: lines(5),
  });
  expect(shownLines(log)).toEqual(['line 3', 'line 4']);
  expect(shownLines(updateLog(log, { type: 'added', lines: ['new'] }))).toEqual(['line 4', 'new']);
});

test('somebody who has scrolled back is left in peace', () => {
  const filled = updateLog(newLog(), { type: 'added', lines: lines(50) });
  const back = updateLog(filled, { type: 'scrolled', by: -10 });
  const before = shownLines(back);
  expect(shownLines(updateLog(back, { type: 'added', lines: ['new'] }))).toEqual(before);
  expect(shownLines(updateLog(back, { type: 'toLast' })).at(-1)).toBe('line 49');
});

test('a long session does not grow without end', () => {
  const log = updateLog(newLog(), { type: 'added', lines: lines(5000) });
  expect([log.lines.length, log.lines.at(-1)]).toEqual([2000, 'line 4999']);
});
