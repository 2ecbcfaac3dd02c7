import { expect, test } from '@jest/globals';
import { nodeVerdict } from './system-checks.ts';

test.each([
  ['22.18.0', 'ok'],
  ['24.22.3', 'ok'],
  ['26.10.0', 'ok'],
  ['25.1.0', 'warning'],
  ['28.0.0', 'warning'],
  ['22.17.9', 'problem'],
  ['20.20.2', 'problem'],
])('Node %s: %s', (version, level) => {
  expect(nodeVerdict(version).level).toBe(level);
});
