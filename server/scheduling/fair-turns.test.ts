import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { FairTurns } from './fair-turns.ts';

/** Sessions whose turns take 1 ms of a clock that only they move. */
function setUp() {
  let nowMs = 1000;
  const turns = new FairTurns(() => nowMs);
  const taken: string[] = [];
  const join = (name: string, wanted: number) => {
    let left = wanted;
    const request = turns.join(() => {
      taken.push(name);
      nowMs += 1;
      left -= 1;
      if (left > 0) request();
    });
    return request;
  };
  const until = async (count: number) => {
    while (taken.length < count) await setImmediate();
  };
  return { taken, join, until };
}

describe('FairTurns', () => {
  test('the first turn of a session that is alone comes at once', () => {
    const { taken, join } = setUp();
    join('a', 1)();
    expect(taken).toEqual(['a']);
  });

  test('sessions take turns, however much each has waiting', async () => {
    const { taken, join, until } = setUp();
    const requests = ['a', 'b', 'c'].map((name) => join(name, 5));
    for (const request of requests) request();
    await until(15);
    expect(taken.slice(2, 11).join('')).toBe('abcabcabc');
  });

  test('after 2 ms of turns the event loop gets back control', async () => {
    const { taken, join } = setUp();
    join('a', 100)();
    expect(taken).toHaveLength(2);
    await setImmediate();
    expect(taken).toHaveLength(4);
    await setImmediate();
    expect(taken).toHaveLength(6);
  });

  test('a flood of one session does not delay the first command of another', async () => {
    const { taken, join, until } = setUp();
    join('flood', 1000)();
    await until(30);
    const before = taken.length;
    join('bystander', 1)();
    while (!taken.includes('bystander')) await setImmediate();
    expect(taken.indexOf('bystander') - before).toBeLessThan(2);
  });

  test('busy sessions are not starved by quiet ones', async () => {
    const { taken, join, until } = setUp();
    join('flood', 1000)();
    await until(20);
    for (let index = 0; index < 40; index += 1) join('quiet', 2)();
    const before = taken.length;
    await until(before + 40);
    expect(taken.slice(before).filter((name) => name === 'flood').length).toBeGreaterThan(5);
  });

  test('asking twice brings one turn', async () => {
    const { taken, join, until } = setUp();
    join('other', 3)();
    const request = join('a', 1);
    request();
    request();
    await until(4);
    await setImmediate();
    expect(taken.filter((name) => name === 'a')).toHaveLength(1);
  });
});
