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
    width: 80,
  });
  expect(updateViewer(viewer, { type: 'paged', by: 9 }).top).toBe(20);
  expect(updateViewer(viewer, { type: 'modeToggled' }).mode).toBe('hex');
});

test('a long line goes on in the next row, and is cut between characters', () => {
  const narrow = updateViewer(viewerOf(Buffer.from('日本語abc')), {
    type: 'resized',
    height: 5,
    width: 5,
  });
  expect(updateViewer(narrow, { type: 'wrapToggled' }).lines).toEqual(['日本', '語abc']);
});

test('tabs become blanks', () => {
  expect(viewerOf(Buffer.from('a\tb')).lines).toEqual(['a       b']);
});

test('text is looked for below the top, and then from the beginning', () => {
  const viewer = updateViewer(viewerOf(Buffer.from('one\ntwo\nTwo\nfour\n')), {
    type: 'resized',
    height: 1,
    width: 80,
  });
  const first = updateViewer(viewer, { type: 'sought', text: 'two' });
  const second = updateViewer(first, { type: 'sought', text: 'two' });
  const again = updateViewer(second, { type: 'sought', text: 'two' });
  expect([first.top, second.top, again.top]).toEqual([1, 2, 1]);
});
