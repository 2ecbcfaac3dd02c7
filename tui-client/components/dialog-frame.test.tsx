import { afterEach, expect, test } from '@jest/globals';
import { Box } from 'ink';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { widthOf } from '../text/text-width.ts';
import { DialogFrame, dialogRows, textRows } from './dialog-frame.tsx';
import { insideFrame } from './frame.ts';
import { Notice, noticeRow } from './notice.tsx';
import { makeTheme } from './theme.ts';

afterEach(endDrawnScreens);

const theme = makeTheme({ env: {} });
const choices = [
  { key: 'o', label: 'overwrite' },
  { key: 's', label: 'skip' },
  { key: 'escape', label: 'stop' },
];

test('a dialog stands above a notice', async () => {
  const width = 50;
  const body = textRows(theme, {
    width: insideFrame(width),
    lines: ['here    12,412 bytes', 'there   11,020 bytes'],
  });
  const drawn = draw(
    <Box flexDirection="column">
      <DialogFrame
        theme={theme}
        width={width}
        title="index.html exists in /写真"
        tone="calm"
        body={body}
        choices={choices}
      />
      <Notice theme={theme} width={width} text="550 Permission denied." tone="bad" hint="Esc" />
    </Box>,
    { columns: width, rows: 6 },
  );
  expect(await drawn.lines()).toEqual([
    '╭ index.html exists in /写真 ────────────────────╮',
    '│ here    12,412 bytes                           │',
    '│ there   11,020 bytes                           │',
    '│ o overwrite   s skip   Esc stop                │',
    '╰────────────────────────────────────────────────╯',
    ' ✗ 550 Permission denied.                     Esc',
  ]);
});

test('a long path in a notice does not hide the reason at its end', async () => {
  const text = `Could not make /${'n'.repeat(200)}: 550 Name too long.`;
  const drawn = draw(undefined, { columns: 60, rows: 1 });
  drawn.screen.write(noticeRow({ theme, width: 60, text, tone: 'bad', hint: '' }));
  const [row = ''] = await drawn.lines();
  expect(row).toMatch(/^ ✗ Could not make \/n+…n+: 550 Name too long\.$/);
});

test('choices that need more than a row take another', () => {
  const rows = dialogRows({ theme, width: 24, title: '', tone: 'danger', body: [], choices });
  expect(rows).toHaveLength(4);
});

test('ASCII has its own borders', async () => {
  const ascii = makeTheme({ characters: 'ascii', env: {} });
  const rows = dialogRows({
    theme: ascii,
    width: 10,
    title: 'x',
    tone: 'calm',
    body: [],
    choices: [],
  });
  const drawn = draw(undefined, { columns: 10, rows: 2 });
  drawn.screen.write(rows.join('\n'));
  expect(await drawn.lines()).toEqual(['+ x -----+', '+--------+']);
});

test('rows have the width at any size', () => {
  for (let width = 2; width <= 120; width++) {
    const body = textRows(theme, { width: insideFrame(width), lines: ['写真'.repeat(20)] });
    const rows = dialogRows({
      theme,
      width,
      title: '写真'.repeat(9),
      note: 'type to find',
      tone: 'calm',
      body,
      choices,
    });
    expect(rows.map(widthOf)).toEqual(rows.map(() => width));
    expect(widthOf(noticeRow({ theme, width, text: '写真', tone: 'good', hint: 'Esc' }))).toBe(
      width,
    );
  }
});
