import { afterEach, describe, expect, test } from '@jest/globals';
import type { Entry } from '../files/place.ts';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { nastyNames } from '../testing/nasty-names.ts';
import { widthOf } from '../text/text-width.ts';
import { FilePane, type FilePaneProps, paneLineCount, paneRows } from './file-pane.tsx';
import { makeTheme } from './theme.ts';

afterEach(endDrawnScreens);

const nowMs = new Date(2026, 2, 2, 18, 0).getTime();
const theme = makeTheme({ env: {} });

const assets: Entry = {
  name: 'assets',
  kind: 'directory',
  sizeBytes: undefined,
  modifiedMs: new Date(2026, 1, 11).getTime(),
  mode: 0o755,
};
const index: Entry = {
  name: 'index.html',
  kind: 'file',
  sizeBytes: 12_412,
  modifiedMs: new Date(2026, 2, 2, 14, 11).getTime(),
  mode: 0o644,
};
const partial: Entry = { ...index, name: 'video.mp4', sizeBytes: 1.2 * 1024 ** 3, isPartial: true };
const link: Entry = { ...index, name: 'latest', kind: 'link', sizeBytes: undefined };

const props: FilePaneProps = {
  theme,
  width: 40,
  height: 9,
  nowMs,
  path: '/www',
  lines: [
    'parent',
    { entry: assets, isMarked: true },
    { entry: index, isMarked: false },
    { entry: partial, isMarked: false },
    { entry: link, isMarked: false },
  ],
  cursor: 2,
  isActive: true,
  sort: { by: 'name', direction: 'up' },
  entryCount: 2041,
  markedCount: 1,
  filter: '',
  isFiltering: false,
  isLoading: false,
  error: undefined,
};

async function linesOf(given: FilePaneProps): Promise<readonly string[]> {
  const drawn = draw(<FilePane {...given} />, { columns: given.width, rows: given.height });
  return drawn.lines();
}

test('a directory is drawn with sizes, dates, marks and signs', async () => {
  expect(await linesOf(props)).toEqual([
    '╭ /www ──────────────────── 1 of 2,041 ╮',
    '│ Name ↑              Size  Modified   │',
    '│ ..                                   │',
    '│*assets/            <dir>  Feb 11     │',
    '│ index.html          12 K  14:11      │',
    '│◐video.mp4          1.2 G  14:11      │',
    '│ latest@                   14:11      │',
    '│                                      │',
    '╰──────────────────────────────────────╯',
  ]);
});

test('a narrow one goes without dates, a very narrow one without sizes', async () => {
  expect((await linesOf({ ...props, width: 30 }))[4]).toBe('│ index.html             12 K│');
  expect((await linesOf({ ...props, width: 20 }))[4]).toBe('│ index.html       │');
});

test.each([
  [50, 'with year and seconds', '12 K  2026-03-02 14:11:00│'],
  [70, 'and the mode', '12 K  2026-03-02 14:11:00  rw-r--r--│'],
  [90, 'and the owner', '12 K  2026-03-02 14:11:00  rw-r--r--  www-data│'],
])('from %i columns it shows the date %s', async (width, _, end) => {
  const lines = [{ entry: { ...index, owner: 'www-data' }, isMarked: false }];
  const row = async (columns: number) => (await linesOf({ ...props, width: columns, lines }))[2];
  expect((await row(width))?.endsWith(end)).toBe(true);
  expect((await row(width - 1))?.endsWith(end)).toBe(false);
});

test.each([
  ['(empty)', {}],
  ['(empty, 3 hidden)', { hiddenCount: 3 }],
  ['(no match)', { filter: 'x' }],
])('without entries it says %s', async (text, change) => {
  const empty = { ...props, lines: ['parent' as const], entryCount: 0, ...change };
  expect((await linesOf(empty))[3]).toBe(`│ ${text.padEnd(37)}│`);
  expect((await linesOf({ ...empty, isLoading: true })).join()).not.toContain(text);
});

test('a name that is too long loses its middle', async () => {
  const long = { ...index, name: 'a-very-long-name-of-a-photograph.jpeg' };
  const lines = await linesOf({ ...props, lines: [{ entry: long, isMarked: false }] });
  expect(lines[2]).toMatch(/^│ a-very-\S*…\S*ph\.jpeg +12 K {2}14:11 +│$/);
});

test.each([
  ['filtering', { filter: 'ind', isFiltering: true }, '╰ /ind '],
  ['filtered', { filter: 'ind' }, '╰ /ind ─'],
  ['loading', { isLoading: true }, '╰ reading … ─'],
  ['failed', { error: '550 No\x1b[2J such directory' }, '╰ ✗ 550 No�[2J such directory ─'],
])('the lower border tells: %s', async (_, change, start) => {
  expect((await linesOf({ ...props, ...change })).at(-1)).toMatch(/^╰.*╯$/);
  expect((await linesOf({ ...props, ...change })).at(-1)?.startsWith(start)).toBe(true);
});

test('the sort arrow stands at its column', async () => {
  const heading = async (sort: FilePaneProps['sort']) => (await linesOf({ ...props, sort }))[1];
  expect(await heading({ by: 'size', direction: 'down' })).toContain('Size ↓');
  expect(await heading({ by: 'time', direction: 'up' })).toContain('Modified ↑');
  expect(await heading({ by: 'type', direction: 'up' })).toContain('Name, by type ↑');
});

test('the cursor is inverse in the active pane and underlined in the other', () => {
  const row = (isActive: boolean) => paneRows({ ...props, isActive })[4];
  expect(row(true)).toContain('\x1b[0;7m index.html');
  expect(row(false)).toContain('\x1b[0;4m index.html');
});

describe('borders', () => {
  const lines = nastyNames.map((name) => ({ entry: { ...index, name }, isMarked: false }));

  test.each([60, 40, 30, 21, 12])('hold around nasty names in %i columns', async (width) => {
    const height = nastyNames.length + 3;
    expect(paneLineCount(height)).toBe(nastyNames.length);
    const drawn = draw(<FilePane {...props} lines={lines} width={width} height={height} />, {
      columns: width + 2,
      rows: height,
    });
    await drawn.lines();
    for (let row = 1; row < height - 1; row++) {
      expect(drawn.output.columnsOf(row, '│')).toEqual([0, width - 1]);
    }
  });

  test('every row has the width, at any size', () => {
    for (let width = 4; width <= 110; width++) {
      for (const height of [2, 3, 5, 12]) {
        const rows = paneRows({ ...props, lines, width, height, filter: '写真'.repeat(9) });
        expect(rows).toHaveLength(height);
        expect(rows.map(widthOf)).toEqual(rows.map(() => width));
      }
    }
  });
});
