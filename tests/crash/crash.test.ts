import { expect, test } from '@jest/globals';
import { crashTest } from './crash-test.ts';

/** `npm run crash-test` kills more often, and from other seeds. */
const KILLS = 10;

test('a server that is killed again and again loses and spoils nothing', async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const { findings, ...tally } = await crashTest({
    kills: KILLS,
    clients: 6,
    seed: 959,
    isKept: false,
    say,
  });
  expect(findings).toEqual([]);
  expect(tally).toBeDefined();
}, 120_000);
