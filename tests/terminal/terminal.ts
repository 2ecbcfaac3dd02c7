import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { screenSvg } from './screen-svg.ts';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** Instead of ours, with TERM and a UTF-8 locale added. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What the program has switched on. */
export interface TerminalModes {
  readonly screen: 'normal' | 'alternate';
  readonly cursor: 'shown' | 'hidden';
  readonly paste: 'bracketed' | 'plain';
  readonly mouse: 'reported' | 'off';
}

/** How a terminal is left by a program that behaves. */
export const RESTORED: TerminalModes = {
  screen: 'normal',
  cursor: 'shown',
  paste: 'plain',
  mouse: 'off',
};

/** How long anything may take to appear; a loaded machine is slow. */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 10;
const STILL_MS = 120;

/** Around a synchronized update. */
const FRAME_BEGIN = '\x1b[?2026h';
const FRAME_END = '\x1b[?2026l';

/** Names of keys as a terminal sends them. */
const keyCodes = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  backspace: '\x7f',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  insert: '\x1b[2~',
  delete: '\x1b[3~',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  f1: '\x1bOP',
  f2: '\x1bOQ',
  f3: '\x1bOR',
  f4: '\x1bOS',
  f5: '\x1b[15~',
  f6: '\x1b[17~',
  f7: '\x1b[18~',
  f8: '\x1b[19~',
  f9: '\x1b[20~',
  f10: '\x1b[21~',
  'ctrl-c': '\x03',
  'ctrl-f3': '\x1b[1;5R',
  'ctrl-l': '\x0c',
  'ctrl-r': '\x12',
  'ctrl-u': '\x15',
  'ctrl-z': '\x1a',
} as const;

export type KeyName = keyof typeof keyCodes;

/** A program in a real pseudo-terminal and an emulator around it: what its user would see and do. */
export class Terminal {
  /** The exit code, or 128 and the signal's number as a shell tells it. */
  readonly exitCode: Promise<number>;
  /** Bytes that the program wrote so far. */
  writtenBytes = 0;
  readonly #emulator;
  readonly #pty: IPty;
  readonly #events = new EventEmitter();
  #written = '';
  #cursor: TerminalModes['cursor'] = 'shown';

  constructor(
    program: readonly [command: string, ...args: string[]],
    options: TerminalOptions = {},
  ) {
    const { columns = 80, rows = 24, cwd = process.cwd(), env = process.env } = options;
    this.#emulator = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 200,
    });
    this.#watchCursor();
    const [command, ...args] = program;
    this.#pty = spawn(command, args, {
      cols: columns,
      rows,
      name: 'xterm-256color',
      cwd,
      env: { LANG: 'C.UTF-8', ...env, TERM: 'xterm-256color' },
    });
    this.#pty.onData((text) => {
      this.writtenBytes += Buffer.byteLength(text);
      this.#written += text;
      this.#emulator.write(text);
      this.#events.emit('written');
    });
    this.exitCode = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode));
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Waits until the program writes anything. */
  async nextWrite(): Promise<void> {
    await once(this.#events, 'written');
  }

  /** Everything that the program wrote since the last call. */
  takeWritten(): string {
    const written = this.#written;
    this.#written = '';
    return written;
  }

  /** Waits until the program has drawn whole frames, and takes what it wrote. */
  async wholeFrame(): Promise<string> {
    const count = (mark: string) => this.#written.split(mark).length - 1;
    await this.until(() => count(FRAME_END) > 0 && count(FRAME_BEGIN) === count(FRAME_END));
    return this.takeWritten();
  }

  /** Sends text as if it was typed. */
  type(text: string): void {
    this.#pty.write(text);
  }

  press(...keys: readonly KeyName[]): void {
    for (const key of keys) this.#pty.write(keyCodes[key]);
  }

  /** Sends text as a terminal does that marks pastes. */
  paste(text: string): void {
    this.#pty.write(`\x1b[200~${text}\x1b[201~`);
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Takes nothing from the program until `resume`: as a line that is dead. */
  stall(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  /** Ends the program if it still runs. */
  async end(): Promise<void> {
    this.#pty.resume();
    this.#pty.kill('SIGKILL');
    await this.exitCode;
    this.#emulator.dispose();
  }

  get modes(): TerminalModes {
    const { bracketedPasteMode, mouseTrackingMode } = this.#emulator.modes;
    return {
      screen: this.#emulator.buffer.active.type,
      cursor: this.#cursor,
      paste: bracketedPasteMode ? 'bracketed' : 'plain',
      mouse: mouseTrackingMode === 'none' ? 'off' : 'reported',
    };
  }

  /** The rows of the screen, without blanks at their ends. */
  lines(): readonly string[] {
    return this.#rows().map((row) => row?.translateToString().trimEnd() ?? '');
  }

  text(): string {
    return this.lines().join('\n').trimEnd();
  }

  /** The columns in which a character stands on a row. */
  columnsOf(row: number, character: string): readonly number[] {
    const line = this.#rows()[row];
    const columns = Array.from({ length: this.#emulator.cols }, (_, column) => column);
    return columns.filter((column) => line?.getCell(column)?.getChars() === character);
  }

  /** The colour of a text where it stands first: of the terminal's sixteen, or undefined for its own. */
  colourOf(text: string): number | undefined {
    const row = this.lines().findIndex((line) => line.includes(text));
    const column = this.lines()[row]?.indexOf(text) ?? -1;
    const cell = this.#rows()[row]?.getCell(column);
    return cell === undefined || cell.isFgDefault() ? undefined : cell.getFgColor();
  }

  /** Presses and lets go of the mouse on the first character of a text. */
  click(text: string): void {
    const row = this.lines().findIndex((line) => line.includes(text));
    const column = this.lines()[row]?.indexOf(text) ?? -1;
    if (row < 0) throw new Error(`${text} is not there to be clicked on:\n${this.text()}`);
    const at = `${column + 1};${row + 1}`;
    this.type(`\x1b[<0;${at}M\x1b[<0;${at}m`);
  }

  /** Waits until the screen shows a text, or something holds for it. */
  async until(seen: string | RegExp | ((text: string) => boolean)): Promise<void> {
    const holds = holdsFor(seen);
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    while (!holds(this.text())) {
      if (Date.now() > giveUpAtMs)
        throw new Error(`${String(seen)} was not seen in\n${this.text()}`);
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** Waits until the program has switched this on or off: its end may be told before its last bytes come. */
  async untilModes(wanted: Partial<TerminalModes>): Promise<void> {
    await this.until(() =>
      Object.entries(wanted).every(
        ([mode, value]) => this.modes[mode as keyof TerminalModes] === value,
      ),
    );
  }

  /** Waits until the program has not drawn for a moment: for pictures, not for tests. */
  async still(): Promise<void> {
    for (let before = -1; before !== this.writtenBytes; ) {
      before = this.writtenBytes;
      await delay(STILL_MS);
    }
  }

  /** The screen as a picture. */
  svg(title: string): string {
    const { cols, rows, buffer } = this.#emulator;
    return screenSvg({ columns: cols, rows, title, cellAt: this.#cellReader(buffer.active) });
  }

  #cellReader(buffer: {
    readonly baseY: number;
    getLine(row: number): { getCell(column: number): xterm.IBufferCell | undefined } | undefined;
  }) {
    return (column: number, row: number) => buffer.getLine(buffer.baseY + row)?.getCell(column);
  }

  #rows() {
    const buffer = this.#emulator.buffer.active;
    return Array.from({ length: this.#emulator.rows }, (_, row) =>
      buffer.getLine(buffer.baseY + row),
    );
  }

  /** The emulator keeps to itself whether the cursor is shown. */
  #watchCursor(): void {
    const watch = (final: 'h' | 'l', cursor: TerminalModes['cursor']) =>
      this.#emulator.parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
        if (modes.includes(25)) this.#cursor = cursor;
        return false;
      });
    watch('h', 'shown');
    watch('l', 'hidden');
  }
}

function holdsFor(seen: string | RegExp | ((text: string) => boolean)): (text: string) => boolean {
  if (typeof seen === 'function') return seen;
  return typeof seen === 'string' ? (text) => text.includes(seen) : (text) => seen.test(text);
}
