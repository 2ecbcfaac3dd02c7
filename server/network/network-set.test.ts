import { describe, expect, test } from '@jest/globals';
import { processorMs } from '../../tests/processor-time.ts';
import { parseNetwork } from './network-range.ts';
import { NetworkSet } from './network-set.ts';

describe('a set of networks', () => {
  const networks = ['203.0.113.0/24', '198.51.100.9', '::ffff:192.0.2.0/120', '2001:db8:1::/48'];
  const set = new NetworkSet(networks.map(parseNetwork));

  test.each([
    '203.0.113.0',
    '203.0.113.255',
    '::ffff:203.0.113.4',
    '198.51.100.9',
    '2001:db8:1:2::3',
    '2001:db8:1::4%eth0',
    '192.0.2.77',
  ])('has %s', (address) => {
    expect(set.has(address)).toBe(true);
  });

  test.each([
    '203.0.114.0',
    '198.51.100.8',
    '2001:db8:2::1',
    '::1',
    '::ffff:198.51.100.8',
    'anna',
    '',
  ])('does not have %s', (address) => {
    expect(set.has(address)).toBe(false);
  });
});

test('networks that overlap are one by one in the set', () => {
  const set = new NetworkSet(['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '2001:db8::/32']);
  expect(['10.255.0.1', '10.1.9.9', '10.1.2.3', '2001:db8::1'].map((one) => set.has(one))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(set.has('11.1.2.3')).toBe(false);
});

test('a look-up among 100,000 networks takes microseconds', async () => {
  const set = new NetworkSet();
  for (let at = 0; at < 100_000; at += 1) set.add(`11.${at >> 12}.${(at >> 4) & 255}.${at & 15}`);
  const neededMs = await processorMs(() => {
    for (let at = 0; at < 10_000; at += 1) set.has('192.0.2.1');
  });
  expect(neededMs).toBeLessThan(1000);
});
