import { afterEach, expect, test } from '@jest/globals';
import { Keymap } from '../input/keymap.ts';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { widthOf } from '../text/text-width.ts';
import { helpItems } from './help-list.ts';
import { type ListProps, listRows } from './list-rows.ts';
import { makeTheme } from './theme.ts';

afterEach(endDrawnScreens);

const theme = makeTheme({ env: {} });

async function linesOf(props: Omit<ListProps, 'theme'>): Promise<readonly string[]> {
  const drawn = draw(undefined, { columns: props.width, rows: props.height });
  drawn.screen.write(listRows({ theme, ...props }).join('\n'));
  return drawn.lines();
}

const sites = [
  { columns: ['work', 'ftp.example.org'] },
  { columns: ['写真', '192.168.1.20'] },
  { columns: ['debian', 'ftp.debian.org'] },
];
const list = { width: 30, height: 3, items: sites, top: 0, cursor: 1, empty: 'no sites yet' };

test('columns stand below each other, and a sign points to the chosen one', async () => {
  expect(await linesOf(list)).toEqual([
    ' work    ftp.example.org',
    '▸写真    192.168.1.20',
    ' debian  ftp.debian.org',
  ]);
});

test('the window begins at its top', async () => {
  expect(await linesOf({ ...list, top: 2 })).toEqual([' debian  ftp.debian.org', '', '']);
});

test('an empty one says so', async () => {
  expect(await linesOf({ ...list, items: [], cursor: undefined })).toEqual([
    '  no sites yet',
    '',
    '',
  ]);
});

test('the help is a list of keys, what they do, and the command line for it', async () => {
  const bindings = new Keymap().entriesFor('files').filter(({ action }) => action === 'copy');
  const items = helpItems(bindings, () => 'myftp-tui put');
  expect(await linesOf({ ...list, width: 70, height: 1, items, cursor: undefined })).toEqual([
    ' F5 c  copy the marked files to the other pane  myftp-tui put',
  ]);
});

test('rows have the width at any size', () => {
  for (let width = 1; width <= 120; width++) {
    const rows = listRows({ ...list, theme, width });
    expect(rows.map(widthOf)).toEqual(rows.map(() => width));
  }
});
