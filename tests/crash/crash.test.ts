import { expect, test } from '@jest/globals';
import { crashTest } from './crash-test.ts';

/** `npm run crash-test` kills more often, and from other seeds. */
const KILLS = 10;

test('a server that is killed again and again loses and spoils nothing', async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const tally = await crashTest({ kills: KILLS, clients: 4, seed: 959, isKept: false, say });
  if (tally.findings.length > 0) throw new Error(said.join('\n'));
  expect(tally.count('kills')).toBeGreaterThanOrEqual(KILLS);
  expect(tally.count('files compared')).toBeGreaterThan(0);
}, 240_000);
