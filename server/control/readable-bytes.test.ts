import { expect, test } from '@jest/globals';
import { readableBytes } from './readable-bytes.ts';

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [200 * 1024, '200 KiB'],
  [1024 ** 3, '1.0 GiB'],
  [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(readableBytes(bytes)).toBe(text);
});
