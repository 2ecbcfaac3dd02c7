import { expect, test } from '@jest/globals';
import { formatHook, HOOK_EVENTS, parseHooks } from './hook.ts';
import { targetText } from './hook-target.ts';

test.each([
  'upload=/usr/bin/true',
  'upload+delete=/a program',
  'all=https://example.org/hook?token=a,b',
  'download+rename+signup+ban=http://127.0.0.1:1/',
])('%s is read and written', (text) => {
  expect(parseHooks(text).map(formatHook)).toEqual([text]);
});

test('a list is separated by commas before the next hook', () => {
  const text = 'upload=https://example.org/?a=1,2,all=/bin/true';
  expect(parseHooks(text).map(formatHook)).toEqual([
    'upload=https://example.org/?a=1,2',
    'all=/bin/true',
  ]);
});

test('all are all events', () => {
  expect(parseHooks('all=/bin/true')[0]?.events).toEqual(HOOK_EVENTS);
});

test('a target is shown without what may be secret', () => {
  const [hook] = parseHooks('all=https://user:secret@example.org/hook?token=secret');
  expect(hook && targetText(hook.target)).toBe('https://example.org/hook');
});
