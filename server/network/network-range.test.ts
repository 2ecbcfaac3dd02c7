import { BlockList } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { addNetwork, isInNetworks, parseNetwork } from './network-range.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7/32', '203.0.113.7'],
  ['203.0.113.7/24', '203.0.113.0/24'],
  ['255.255.255.255/1', '128.0.0.0/1'],
  ['203.0.113.130/25', '203.0.113.128/25'],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:db8:0:0:0:0:0:1/128', '2001:db8::1'],
  ['2001:db8:ffff:ffff::1/33', '2001:db8:8000::/33'],
  ['2001:db8::ffff/112', '2001:db8::/112'],
  ['::1/128', '::1'],
  [' 10.0.0.0/8 ', '10.0.0.0/8'],
])('%s is written %s', (text, network) => {
  expect(parseNetwork(text)).toBe(network);
});

test.each([
  '',
  'anna',
  '203.0.113',
  '203.0.113.256',
  '203.0.113.7/33',
  '203.0.113.7/0',
  '::/0',
  '2001:db8::/129',
  '1.2.3.4/',
  '1.2.3.4/8/8',
  '1.2.3.4/-1',
  'fe80::1%eth0',
  '2001:db8:::1',
])('%j is refused', (text) => {
  expect(() => parseNetwork(text)).toThrow('is not a network');
});

describe('a list of networks', () => {
  const list = new BlockList();
  for (const text of ['203.0.113.0/24', '198.51.100.9', '2001:db8:1::/48'])
    addNetwork(list, parseNetwork(text));

  test.each([
    '203.0.113.0',
    '203.0.113.255',
    '::ffff:203.0.113.4',
    '198.51.100.9',
    '2001:db8:1:2::3',
    '2001:db8:1::4%eth0',
  ])('has %s', (address) => {
    expect(isInNetworks(list, address)).toBe(true);
  });

  test.each(['203.0.114.0', '198.51.100.8', '2001:db8:2::1', '::1', '::ffff:198.51.100.8'])(
    'does not have %s',
    (address) => {
      expect(isInNetworks(list, address)).toBe(false);
    },
  );
});
