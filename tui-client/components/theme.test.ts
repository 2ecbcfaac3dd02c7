import { describe, expect, test } from '@jest/globals';
import { widthOf } from '../text/text-width.ts';
import { makeTheme } from './theme.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a colour looks like
const colour = /\x1b\[(?:\d+;)*[349]\d(?:;\d+)*m/;

describe('colours', () => {
  test('are there, and differ where white is the background', () => {
    const dark = makeTheme({ env: { COLORFGBG: '15;0' } });
    const light = makeTheme({ env: { COLORFGBG: '0;15' } });
    expect(dark.paint('warning', 'x')).toMatch(colour);
    expect(light.paint('warning', 'x')).not.toBe(dark.paint('warning', 'x'));
    expect(makeTheme({ background: 'light', env: {} }).paint('warning', 'x')).toBe(
      light.paint('warning', 'x'),
    );
  });

  test('go with NO_COLOR, while the cursor stays visible', () => {
    for (const background of ['dark', 'light'] as const) {
      const theme = makeTheme({ background, env: { NO_COLOR: '1' } });
      for (const role of ['warning', 'marked', 'directory', 'markedCursor', 'bad'] as const) {
        expect(theme.paint(role, 'x')).not.toMatch(colour);
      }
      expect(theme.paint('cursor', 'x')).toBe('\x1b[0;7mx\x1b[0m');
      expect(theme.paint('markedCursor', 'x')).toBe('\x1b[0;1;7mx\x1b[0m');
      expect(theme.paint('good', 'x')).toBe('x');
    }
  });

  test('an empty NO_COLOR is none', () => {
    expect(makeTheme({ env: { NO_COLOR: '' } }).paint('good', 'x')).toMatch(colour);
  });
});

describe('characters', () => {
  test.each([
    [{ LANG: 'C' }, '+'],
    [{ LC_ALL: 'POSIX', LANG: 'en_GB.UTF-8' }, '+'],
    [{ LC_CTYPE: 'C.UTF-8', LANG: 'C' }, '╭'],
    [{ LANG: 'de_DE.utf8' }, '╭'],
    [{}, '╭'],
  ])('follow the locale %p', (env, corner) => {
    expect(makeTheme({ env }).borders.topLeft).toBe(corner);
  });

  test('all signs are one column wide, and ASCII ones are ASCII', () => {
    for (const characters of ['unicode', 'ascii'] as const) {
      const theme = makeTheme({ characters, env: {} });
      for (const sign of [...Object.values(theme.signs), ...Object.values(theme.borders)]) {
        expect(widthOf(sign)).toBe(1);
        if (characters === 'ascii') expect(sign).toMatch(/^[\x20-\x7e]$/);
      }
    }
  });
});
