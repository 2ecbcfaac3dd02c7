import { afterEach, describe, expect, test } from '@jest/globals';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { widthOf } from '../text/text-width.ts';
import { buttonRow, checkRow, fieldSpans, optionRow, textFieldRow } from './form-rows.ts';
import { paintRow } from './spans.ts';
import { makeTheme } from './theme.ts';

afterEach(endDrawnScreens);

const theme = makeTheme({ env: {} });
const row = { theme, width: 60, labelWidth: 10, isActive: false };

async function shown(...rows: readonly string[]): Promise<readonly string[]> {
  const drawn = draw(undefined, { columns: 60, rows: rows.length });
  drawn.screen.write(rows.join('\n'));
  return drawn.lines();
}

/** The text of a field, with the caret as brackets around the character under it. */
function field(text: string, caret: number, width: number): string {
  const spans = fieldSpans(theme, { text, caret, isSecret: false, isActive: true, width });
  expect(widthOf(paintRow(theme, spans, { width }))).toBe(width);
  return spans.map((span) => (span[0] === 'textCursor' ? `[${span[1]}]` : span[1])).join('');
}

test('a form', async () => {
  const text = { caret: 5, fieldWidth: 20, isSecret: false };
  const lines = await shown(
    textFieldRow({ ...row, ...text, label: 'User', text: 'alice', hint: '3 to 32 letters' }),
    textFieldRow({ ...row, ...text, label: 'Password', text: 'geheim', isSecret: true, hint: '' }),
    optionRow({
      ...row,
      label: 'Security',
      options: [
        { value: 'explicit', label: 'TLS' },
        { value: 'none', label: 'none' },
      ],
      value: 'explicit',
    }),
    checkRow({ ...row, label: 'keep it', isChecked: true }),
    buttonRow(theme, {
      width: 60,
      buttons: [
        { label: 'Connect', isActive: true },
        { label: 'Save', isActive: false },
      ],
    }),
  );
  expect(lines).toEqual([
    ' User      alice                 3 to 32 letters',
    ' Password  ••••••',
    ' Security  ● TLS   ○ none',
    '           [x] keep it',
    ' [ Connect ]   [ Save ]',
  ]);
});

describe('the caret', () => {
  test('stands on a character or behind the last', () => {
    expect(field('alice', 2, 10)).toBe('al[i]ce     ');
    expect(field('alice', 5, 10)).toBe('alice[ ]    ');
    expect(field('', 0, 4)).toBe('[ ]   ');
  });

  test('is seen in a text that is wider than the field', () => {
    expect(field('0123456789', 10, 5)).toBe('6789[ ]');
    expect(field('0123456789', 0, 5)).toBe('[0]1234');
    expect(field('0123456789', 6, 5)).toBe('2345[6]');
  });

  test('stands on wide characters and on those made of several', () => {
    expect(field('写真', 1, 6)).toBe('写[真]  ');
    expect(field('写真写真写真', 6, 5)).toBe('写真[ ]');
    expect(field('a👨‍👩‍👧‍👦b', 1, 6)).toBe('a[👨‍👩‍👧‍👦]b  ');
  });
});

test('what must not reach a terminal does not', () => {
  expect(field('a\x1b[2Jb', 0, 10)).toBe('[a]�[2Jb    ');
});
