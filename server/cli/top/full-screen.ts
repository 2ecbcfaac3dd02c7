import { StringDecoder } from 'node:string_decoder';
import type { CommandContext } from '../command-context.ts';
import type { ScreenSize } from './top-view.ts';

/** Alternate screen, no cursor, no line wrap; and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** Around a frame, so that terminals show it in one piece. */
const FRAME_BEGIN = '\x1b[?2026h\x1b[H';
const FRAME_END = '\x1b[?2026l';

const KEYS: Readonly<Record<string, string>> = {
  '\x03': 'ctrl-c',
  '\r': 'enter',
  '\n': 'enter',
  '\x1b': 'escape',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1b[5~': 'pageup',
  '\x1b[6~': 'pagedown',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b[3~': 'delete',
};

/** A sequence of a key, or a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const KEY = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|./gsu;

type TerminalInput = CommandContext['stdin'] & { setRawMode?(mode: boolean): unknown };
type TerminalOutput = CommandContext['stdout'] & { columns?: number; rows?: number };

interface FullScreenOptions {
  readonly context: CommandContext;
  readonly onKey: (key: string) => void;
  readonly onResize: () => void;
}

/** The terminal while a command has all of it. {@link close} gives it back as it was. */
export class FullScreen {
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #options: FullScreenOptions;
  readonly #decoder = new StringDecoder('utf8');
  readonly #onData = (chunk: Buffer) => this.#keys(this.#decoder.write(chunk));
  readonly #onResize = () => this.#options.onResize();

  constructor(options: FullScreenOptions) {
    this.#options = options;
    this.#input = options.context.stdin;
    this.#output = options.context.stdout;
    this.#input.setRawMode?.(true);
    this.#input.on('data', this.#onData);
    this.#output.on('resize', this.#onResize);
    this.#output.write(ENTER);
  }

  get size(): ScreenSize {
    const { columns = 80, rows = 24 } = this.#output;
    return { columns, rows };
  }

  /** Shows as many lines as the screen has. */
  draw(lines: readonly string[]): void {
    this.#output.write(`${FRAME_BEGIN}${lines.join('\r\n')}\x1b[J${FRAME_END}`);
  }

  close(): void {
    this.#output.off('resize', this.#onResize);
    this.#input.off('data', this.#onData);
    this.#input.setRawMode?.(false);
    this.#input.pause();
    this.#output.write(LEAVE);
  }

  #keys(text: string): void {
    for (const [key] of text.matchAll(KEY)) this.#options.onKey(KEYS[key] ?? key);
  }
}
