import { expect, test } from '@jest/globals';
import { isLoopbackAddress, isPrivateAddress, isSameAddress, plainAddress } from './addresses.ts';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::1', '::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['', ''],
])('plainAddress(%j) is %j', (address, plain) => {
  expect(plainAddress(address)).toBe(plain);
});

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '::ffff:10.0.0.1',
  '169.254.3.4',
  '100.64.0.1',
  '100.127.255.254',
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  '192.0.2.1',
  '172.32.0.1',
  '8.8.8.8',
  '100.128.0.1',
  '::ffff:8.8.8.8',
  '2001:db8::1',
  'nonsense',
])('%s is not private', (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

test.each([
  ['127.0.0.1', true],
  ['::ffff:127.3.2.1', true],
  ['::1', true],
  ['128.0.0.1', false],
  ['::2', false],
])('isLoopbackAddress(%j) is %p', (address, isExpected) => {
  expect(isLoopbackAddress(address)).toBe(isExpected);
});

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '::ffff:127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['2001:db8::1', '2001:0DB8:0:0::0001', true],
  ['2001:db8::1', '2001:db8::2', false],
  ['::1', '127.0.0.1', false],
  ['fe80::1%eth0', 'fe80::1', true],
  ['', '127.0.0.1', false],
])('isSameAddress(%j, %j) is %p', (one, other, same) => {
  expect(isSameAddress(one, other)).toBe(same);
  expect(isSameAddress(other, one)).toBe(same);
});
