import { expect, test } from '@jest/globals';
import { OffenceScores } from './offence-scores.ts';

const LEAK_PER_MS = 1 / 60_000;

function newScores() {
  const clock = { nowMs: 0 };
  const scores = new OffenceScores({ nowMs: () => clock.nowMs });
  const add = (origin: string, username?: string, points = 1) =>
    scores.add({ origin, points, username, leakPerMs: LEAK_PER_MS });
  return { clock, scores, add };
}

test('points add up for each origin by itself, and leak away', () => {
  const { clock, add } = newScores();
  expect([add('192.0.2.1'), add('192.0.2.1'), add('192.0.2.2')]).toEqual([1, 2, 1]);
  clock.nowMs += 30_000;
  expect(add('192.0.2.1')).toBe(2.5);
  clock.nowMs += 3_600_000;
  expect(add('192.0.2.1')).toBe(1);
});

test('a login forgives what has failed for its name, in any case, and nothing else', () => {
  const { scores, add } = newScores();
  add('192.0.2.1', 'Anna');
  add('192.0.2.1', 'bert');
  add('192.0.2.1');
  scores.forgive('192.0.2.1', 'anna');
  expect(add('192.0.2.1', 'anna')).toBe(3);
  scores.forgive('192.0.2.9', 'anna');
});

test('names beyond the eighth count together, and no login forgives them', () => {
  const { scores, add } = newScores();
  for (let number = 1; number <= 20; number += 1) add('192.0.2.1', `name${number}`);
  scores.forgive('192.0.2.1', 'name20');
  scores.forgive('192.0.2.1', 'name1');
  expect(add('192.0.2.1')).toBe(20);
});

test('memory has a bound, however many addresses offend', () => {
  const { scores, add } = newScores();
  for (let number = 0; number < 50_000; number += 1) add(`2001:db8:0:${number.toString(16)}::/64`);
  expect(scores.size).toBe(20_000);
});
