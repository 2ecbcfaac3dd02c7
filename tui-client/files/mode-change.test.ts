import { expect, test } from '@jest/globals';
import { modeLetters, parseModeChange } from './mode-change.ts';

test.each([
  ['644', 0o777, 0o644],
  ['0755', 0o600, 0o755],
  ['2775', undefined, 0o2775],
  ['u+x', 0o644, 0o744],
  ['go-w', 0o666, 0o644],
  ['+x', 0o644, 0o755],
  ['a=r', 0o4755, 0o4444],
  ['u=rw,go=', 0o755, 0o600],
  ['g+s', 0o755, 0o2755],
  ['o+t', 0o777, 0o1777],
  ['a+X', 0o644, 0o644],
  ['a+X', 0o744, 0o755],
])('%s makes of %p %p', (text, mode, expected) => {
  expect(parseModeChange(text)?.({ kind: 'file', mode })).toBe(expected);
});

test('X means x for directories', () => {
  expect(parseModeChange('u=rwX')?.({ kind: 'directory', mode: 0o600 })).toBe(0o700);
});

test('a change needs the mode that it changes', () => {
  expect(parseModeChange('u+x')?.({ kind: 'file', mode: undefined })).toBeUndefined();
});

test.each(['', '8', '99', '888', '12345', 'u', 'x+r', 'u+q', 'u+x,', 'rwx'])(
  '%j is no mode',
  (text) => {
    expect(parseModeChange(text)).toBeUndefined();
  },
);

test.each([
  [0o644, 'rw-r--r--'],
  [0o4755, 'rwsr-xr-x'],
  [0o2644, 'rw-r-Sr--'],
  [0o1777, 'rwxrwxrwt'],
])('%p is shown as %s', (mode, letters) => {
  expect(modeLetters(mode)).toBe(letters);
});
