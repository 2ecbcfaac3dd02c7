import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { customKeymap, Keymap } from '../input/keymap.ts';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { widthOf } from '../text/text-width.ts';
import { Footer, footerItems, footerRow } from './footer.tsx';
import { makeTheme } from './theme.ts';

afterEach(endDrawnScreens);

const theme = makeTheme({ env: {} });
const keymap = new Keymap();

async function lineOf(items: ReturnType<typeof footerItems>): Promise<string | undefined> {
  const drawn = draw(<Footer theme={theme} width={120} items={items} />, { columns: 120, rows: 1 });
  return (await drawn.lines())[0];
}

test('function keys stand by number, as Midnight Commander has them', async () => {
  expect(await lineOf(footerItems(keymap, 'files'))).toBe(
    ' 1Help 2Sites 3View 4Edit 5Copy 6Rename 7Mkdir 8Delete 9Queue 10Quit',
  );
});

test('letters come first', async () => {
  expect(await lineOf(footerItems(keymap, 'conflict'))).toBe(
    ' o overwrite  s skip  k keep both  n only newer  r resume  c compare checksums  Esc cancel  1Help 10Quit',
  );
});

test('keys that the user changed are shown', async () => {
  const { keymap: changed } = customKeymap({ copy: ['ctrl-y'], view: [] });
  const line = await lineOf(footerItems(changed, 'files'));
  expect(line).toContain('Ctrl-Y Copy');
  expect(line).not.toContain('View');
});

test('words become shorter before a key is cut off', () => {
  const items = footerItems(keymap, 'files');
  const row = (width: number) => stripVTControlCharacters(footerRow({ theme, width, items }));
  expect(row(62)).toContain(' 1Help 2Site 3View 4Edit 5Copy 6Rena 7Mkdi 8Dele 9Queu 10Quit');
  expect(row(55)).toContain(' 1Hel 2Sit 3Vie 4Edi 5Cop 6Ren 7Mkd 8Del 9Que 10Qui');
});

test('gaps become narrower before words become shorter', () => {
  const items = footerItems(keymap, 'queue');
  const row = (width: number) => stripVTControlCharacters(footerRow({ theme, width, items }));
  const wide = 'Space pause  r retry  x cancel  f filter  ! failed  c clear';
  expect(row(90)).toContain(` ${wide}  1Help 9files 10Quit`);
  expect(row(80)).toContain(` ${wide.replaceAll('  ', ' ')} 1Help 9files 10Quit`);
  expect(row(70)).toContain(' Space pau');
});

test('it has the width at any size', () => {
  for (let width = 1; width <= 200; width++) {
    const items = footerItems(keymap, 'files');
    expect(widthOf(footerRow({ theme, width, items }))).toBe(width);
  }
});
