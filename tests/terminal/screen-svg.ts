import type { IBufferCell } from '@xterm/headless';

interface ScreenPicture {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  cellAt(column: number, row: number): IBufferCell | undefined;
}

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const BASELINE = 13.5;
const MARGIN = 12;

const BACKGROUND = '#1c1f26';
const FOREGROUND = '#d8dee9';

/** The terminal's 16 colours. */
const palette = [
  ['#2e3440', '#e06c75', '#98c379', '#e5c07b', '#6cb2f7', '#c792ea', '#56c8d8', '#c8ccd4'],
  ['#5c6370', '#ff7b86', '#b5e890', '#ffd88a', '#8cc8ff', '#e0b0ff', '#7fe3f0', '#ffffff'],
].flat();

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What makes neighbouring cells one piece of text. */
interface Looks {
  readonly foreground: string;
  readonly background: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isUnderlined: boolean;
}

interface Run extends Looks {
  readonly column: number;
  width: number;
  text: string;
}

/** A screen as SVG, cell by cell, so that columns stand as in the terminal whatever font the viewer has. */
export function screenSvg(picture: ScreenPicture): string {
  const width = picture.columns * CELL_WIDTH + 2 * MARGIN;
  const height = picture.rows * CELL_HEIGHT + 2 * MARGIN;
  const rows = Array.from({ length: picture.rows }, (_, row) => rowSvg(picture, row)).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height}" viewBox="0 0 ${width.toFixed(0)} ${height}" role="img">`,
    `<title>${escaped(picture.title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    `${rows}</g></svg>\n`,
  ].join('\n');
}

function rowSvg(picture: ScreenPicture, row: number): string {
  return runsOf(picture, row)
    .map((run) => runSvg(run, row))
    .join('');
}

function runSvg(run: Run, row: number): string {
  const top = row * CELL_HEIGHT;
  const place = (column: number, columns: number) =>
    `x="${(column * CELL_WIDTH).toFixed(1)}" width="${(columns * CELL_WIDTH).toFixed(1)}"`;
  const filled = run.background
    ? `<rect ${place(run.column, run.width)} y="${top}" height="${CELL_HEIGHT}" fill="${run.background}"/>`
    : '';
  const line = run.isUnderlined
    ? `<rect ${place(run.column, run.width)} y="${top + 16}" height="1" fill="${run.foreground}"/>`
    : '';
  return filled + line + textSvg(run, top + BASELINE);
}

/** The text without blanks around it, stretched to its cells. */
function textSvg(run: Run, baseline: number): string {
  const text = run.text.trim();
  if (text === '') return '';
  const before = run.text.length - run.text.trimStart().length;
  const after = run.text.length - run.text.trimEnd().length;
  const x = ((run.column + before) * CELL_WIDTH).toFixed(1);
  const length = ((run.width - before - after) * CELL_WIDTH).toFixed(1);
  const bold = run.isBold ? ' font-weight="bold"' : '';
  const dim = run.isDim ? ' opacity="0.6"' : '';
  return `<text x="${x}" y="${baseline}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${run.foreground}"${bold}${dim}>${escaped(text)}</text>`;
}

/** Neighbouring cells that look the same; a wide character is always on its own. */
function runsOf(picture: ScreenPicture, row: number): readonly Run[] {
  const runs: Run[] = [];
  let isOpen = false;
  for (let column = 0; column < picture.columns; column++) {
    const cell = picture.cellAt(column, row);
    const width = cell?.getWidth() ?? 0;
    if (cell === undefined || width === 0) continue;
    const text = cell.getChars() || ' ';
    const looks = looksOf(cell);
    const last = runs.at(-1);
    const isPlain = width === 1 && /^[\x20-\x7e\u2500-\u259f]$/.test(text);
    if (last !== undefined && isOpen && isPlain && looksSame(last, looks)) {
      last.text += text;
      last.width += 1;
    } else {
      runs.push({ ...looks, column, width, text });
    }
    isOpen = isPlain;
  }
  return runs;
}

function looksOf(cell: IBufferCell): Looks {
  const foreground = colourOf(cell, 'Fg') ?? FOREGROUND;
  const background = colourOf(cell, 'Bg');
  const isInverse = cell.isInverse() !== 0;
  return {
    foreground: isInverse ? (background ?? BACKGROUND) : foreground,
    background: isInverse ? foreground : background,
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
  };
}

function looksSame(one: Looks, other: Looks): boolean {
  return (
    one.foreground === other.foreground &&
    one.background === other.background &&
    one.isBold === other.isBold &&
    one.isDim === other.isDim &&
    one.isUnderlined === other.isUnderlined
  );
}

/** Undefined for the terminal's own. MyFTP uses the 16 colours of the palette only. */
function colourOf(cell: IBufferCell, part: 'Fg' | 'Bg'): string | undefined {
  const isPalette = part === 'Fg' ? cell.isFgPalette() : cell.isBgPalette();
  return isPalette ? palette[part === 'Fg' ? cell.getFgColor() : cell.getBgColor()] : undefined;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => escapes[character] ?? character);
}
