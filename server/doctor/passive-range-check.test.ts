import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { freeRange } from '../testing/free-range.ts';
import { passiveRangeCheck } from './passive-range-check.ts';
import { examine } from './testing/examine.ts';

const occupants: Server[] = [];

afterEach(() => {
  for (const occupant of occupants.splice(0)) occupant.close();
});

async function occupy(port: number): Promise<void> {
  const occupant = createServer().listen(port, '127.0.0.1');
  await once(occupant, 'listening');
  occupants.push(occupant);
}

const rangeOf = ({ first, last }: { first: number; last: number }) => `${first}-${last}`;

test('a range with a port for each session of an address is fine', async () => {
  const range = await freeRange(20);
  const flags = { 'pasv-range': rangeOf(range), 'max-per-ip': '20' };
  expect(await examine(passiveRangeCheck, { flags })).toEqual([
    {
      level: 'ok',
      text: `--pasv-range ${rangeOf(range)}: 20 ports, which serve 20 data connections at a time from each client address.`,
    },
  ]);
});

describe('a tiny range is a warning with a range that is large enough', () => {
  test.each([
    [{ 'max-per-ip': '100' }, '--max-per-ip 100 allows 100 sessions', 100],
    [{ 'max-per-ip': '0', 'max-sessions': '300' }, '--max-sessions 300 allows 300', 300],
    [{ 'max-per-ip': '2' }, 'fewer than 16 are easily guessed', 16],
  ])('%j', async (limits, reason, wanted) => {
    const range = await freeRange(3);
    const flags = { 'pasv-range': rangeOf(range), ...limits };
    const [verdict] = await examine(passiveRangeCheck, { flags });
    expect(verdict).toMatchObject({ level: 'warning' });
    expect(verdict?.text).toContain(`--pasv-range has 3 usable ports; ${reason}`);
    expect(verdict?.remedy).toContain(
      `Set --pasv-range ${range.first}-${range.first + wanted - 1}`,
    );
  });
});

test('ports that other programs use are named', async () => {
  const range = await freeRange(20);
  await occupy(range.first + 3);
  const flags = { 'pasv-range': rangeOf(range), 'max-per-ip': '16' };
  const verdicts = await examine(passiveRangeCheck, { flags });
  expect(verdicts).toEqual([expect.objectContaining({ level: 'warning' })]);
  expect(verdicts[0]?.text).toContain(`in use by other programs: ${range.first + 3} (`);
});

test('a range that other programs use up is a problem', async () => {
  const range = await freeRange(2);
  await occupy(range.first);
  await occupy(range.last);
  const flags = { 'pasv-range': rangeOf(range) };
  const [verdict] = await examine(passiveRangeCheck, { flags });
  expect(verdict).toMatchObject({ level: 'problem', remedy: 'Choose another --pasv-range.' });
});

test('without a range, a server for the network is warned of firewalls', async () => {
  const [network] = await examine(passiveRangeCheck, { flags: { host: '::' } });
  expect(network).toMatchObject({
    level: 'warning',
    remedy: 'Set --pasv-range 50000-50099, and open it in the firewall.',
  });
  const [loopback] = await examine(passiveRangeCheck);
  expect(loopback).toMatchObject({ level: 'ok' });
});
