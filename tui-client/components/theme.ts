/** What a piece of text is, as far as its looks go. */
export type Role = keyof typeof darkStyles;

/** Signs for states and for what cannot be said in words; each one column wide. */
export interface Signs {
  readonly running: string;
  readonly paused: string;
  readonly waiting: string;
  readonly checking: string;
  readonly asking: string;
  readonly done: string;
  readonly unverified: string;
  readonly skipped: string;
  readonly failed: string;
  readonly upload: string;
  readonly download: string;
  readonly marked: string;
  readonly partial: string;
  readonly link: string;
  readonly ascending: string;
  readonly descending: string;
  readonly barFull: string;
  readonly barEmpty: string;
  readonly chosen: string;
  readonly notChosen: string;
  readonly mask: string;
  readonly cut: string;
  readonly atLeast: string;
  readonly pointer: string;
}

/** Border characters: the corners clockwise from the top left, then the lines. */
interface Borders {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomRight: string;
  readonly bottomLeft: string;
  readonly horizontal: string;
  readonly vertical: string;
}

export interface Theme {
  readonly signs: Signs;
  readonly borders: Borders;
  /** The text in the looks of its role. */
  paint(role: Role, text: string): string;
}

export interface ThemeChoice {
  readonly background?: 'auto' | 'dark' | 'light' | undefined;
  /** `auto`: ASCII where the locale is not UTF-8. */
  readonly characters?: 'auto' | 'unicode' | 'ascii' | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Styles (SGR) on a dark background. The terminal's own 16 colours only: they are what its user can read. Where
 * the looks tell of a state, a sign or word beside them does too.
 */
const darkStyles = {
  plain: '',
  dim: '2',
  strong: '1',
  title: '1;36',
  border: '2',
  borderActive: '36',
  heading: '2;4',
  cursor: '7',
  cursorIdle: '4',
  marked: '1;33',
  markedCursor: '1;7;33',
  directory: '1;34',
  link: '36',
  partial: '35',
  good: '32',
  bad: '1;31',
  warning: '33',
  busy: '36',
  key: '1;36',
  keyWord: '2',
  bar: '36',
  barEmpty: '2',
  label: '2',
  field: '4',
  fieldActive: '1;4',
  textCursor: '7',
  match: '1;4',
  button: '',
  buttonActive: '7',
} as const;

/** What is hard to read on white is darker here. */
const lightStyles: Record<Role, string> = {
  ...darkStyles,
  title: '1;34',
  borderActive: '34',
  marked: '1;35',
  markedCursor: '1;7;35',
  link: '34',
  warning: '35',
  busy: '34',
  key: '1;34',
  bar: '34',
};

/** Colours (30 to 37) within a style. */
const colours = /(?:^|;)3[0-7](?=;|$)/g;

const unicodeSigns: Signs = {
  running: '▶',
  paused: '‖',
  waiting: '…',
  checking: '≟',
  asking: '?',
  done: '✓',
  unverified: '!',
  skipped: '-',
  failed: '✗',
  upload: '↑',
  download: '↓',
  marked: '*',
  partial: '◐',
  link: '@',
  ascending: '↑',
  descending: '↓',
  barFull: '█',
  barEmpty: '░',
  chosen: '●',
  notChosen: '○',
  mask: '•',
  cut: '…',
  atLeast: '≥',
  pointer: '▸',
};

const asciiSigns: Signs = {
  running: '>',
  paused: '=',
  waiting: '.',
  checking: '~',
  asking: '?',
  done: 'v',
  unverified: '!',
  skipped: '-',
  failed: 'x',
  upload: '^',
  download: 'v',
  marked: '*',
  partial: '%',
  link: '@',
  ascending: '^',
  descending: 'v',
  barFull: '#',
  barEmpty: '.',
  chosen: '*',
  notChosen: 'o',
  mask: '*',
  cut: '~',
  atLeast: '>',
  pointer: '>',
};

const unicodeBorders: Borders = {
  topLeft: '╭',
  topRight: '╮',
  bottomRight: '╯',
  bottomLeft: '╰',
  horizontal: '─',
  vertical: '│',
};

const asciiBorders: Borders = {
  topLeft: '+',
  topRight: '+',
  bottomRight: '+',
  bottomLeft: '+',
  horizontal: '-',
  vertical: '|',
};

/** The theme for this terminal: as set, else as its environment says. */
export function makeTheme({
  background = 'auto',
  characters = 'auto',
  env = process.env,
}: ThemeChoice = {}): Theme {
  const isLight = background === 'auto' ? isLightTerminal(env) : background === 'light';
  const isAscii = characters === 'auto' ? !isUtf8(env) : characters === 'ascii';
  const styles = withColourWish(isLight ? lightStyles : darkStyles, env);
  return {
    signs: isAscii ? asciiSigns : unicodeSigns,
    borders: isAscii ? asciiBorders : unicodeBorders,
    paint(role, text) {
      const style = styles[role];
      return style === '' || text === '' ? text : `\x1b[0;${style}m${text}\x1b[0m`;
    },
  };
}

/** NO_COLOR takes the colours (https://no-color.org); bold, underlined and inverse stay. */
function withColourWish(
  styles: Record<Role, string>,
  env: NodeJS.ProcessEnv,
): Record<Role, string> {
  if ((env.NO_COLOR ?? '') === '') return styles;
  const plain = Object.entries(styles).map(([role, style]) => [
    role,
    style.replace(colours, '').replace(/^;/, ''),
  ]);
  return Object.fromEntries(plain) as Record<Role, string>;
}

/** Some terminals say their colours in COLORFGBG, as `0;15` for black on white. */
function isLightTerminal(env: NodeJS.ProcessEnv): boolean {
  const background = env.COLORFGBG?.split(';').at(-1);
  return background === '7' || background === '15';
}

/** No locale at all is common in containers, whose terminals do know UTF-8. */
function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return locale === '' || /utf-?8/i.test(locale);
}
