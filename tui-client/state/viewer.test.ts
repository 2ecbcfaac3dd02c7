import { expect, test } from '@jest/globals';
import { newViewer, updateViewer } from './viewer.ts';

function viewerOf(octets: Uint8Array) {
  return newViewer({ path: '/a', place: 'remote', octets, isCut: false });
}

test('text is shown in lines, whichever end they have', () => {
  const viewer = viewerOf(Buffer.from('one\r\ntwo\n'));
  expect([viewer.mode, viewer.lines]).toEqual(['text', ['one', 'two']]);
});

test('what has a NUL is shown in hex, with its offsets', () => {
  const viewer = viewerOf(Buffer.from('0123456789abcdef\0z'));
  expect(viewer.mode).toBe('hex');
  expect(viewer.lines[1]).toMatch(/^00000010 {2}00 7a {44}\.z$/);
});

test('the mode can be turned, and scrolling ends with the last line at the bottom', () => {
  const viewer = updateViewer(viewerOf(Buffer.from('a\n'.repeat(30))), {
    type: 'resized',
    height: 10,
  });
  expect(updateViewer(viewer, { type: 'paged', by: 9 }).top).toBe(20);
  expect(updateViewer(viewer, { type: 'modeToggled' }).mode).toBe('hex');
});
