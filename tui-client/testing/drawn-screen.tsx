import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import type { ReactNode } from 'react';
import { type DrawnTree, drawFrames } from '../terminal/ink-internals.ts';
import { Keys } from '../terminal/keys.ts';
import { Screen } from '../terminal/screen.ts';
import { TerminalContext } from '../terminal/terminal-context.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The output of a terminal whose screen can be looked at; its widths are those of Unicode 6. */
export class EmulatedOutput extends EventEmitter {
  readonly #terminal;
  columns: number;
  rows: number;
  /** Everything written so far. */
  written = '';
  /** Writes that the terminal has not taken; only while it stalls. */
  readonly untaken: (() => void)[] = [];
  stalls = false;

  constructor({ columns, rows }: ScreenSize) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  write(text: string, onWritten: () => void): void {
    this.written += text;
    this.#terminal.write(text, () => this.emit('drawn'));
    if (this.stalls) this.untaken.push(onWritten);
    else queueMicrotask(onWritten);
  }

  resize({ columns, rows }: ScreenSize): void {
    this.columns = columns;
    this.rows = rows;
    this.#terminal.resize(columns, rows);
    this.emit('resize');
  }

  /** The rows of the screen, without blanks at their ends. */
  lines(): readonly string[] {
    return Array.from(
      { length: this.rows },
      (_, row) => this.#line(row)?.translateToString().trimEnd() ?? '',
    );
  }

  /** The columns in which a character stands. */
  columnsOf(row: number, character: string): readonly number[] {
    const columns = Array.from({ length: this.columns }, (_, column) => column);
    return columns.filter((column) => this.#line(row)?.getCell(column)?.getChars() === character);
  }

  #line(row: number) {
    const { active } = this.#terminal.buffer;
    return active.getLine(active.baseY + row);
  }

  /** Waits until the terminal has drawn what was written, and nothing more came in a turn of the event loop. */
  async settled(): Promise<void> {
    for (let before = -1; before !== this.written.length; ) {
      before = this.written.length;
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    }
  }
}

/** Ink's output through our own screen, as the user would see it. */
export class DrawnScreen {
  readonly output: EmulatedOutput;
  readonly screen: Screen;
  readonly keys = new Keys();
  readonly #app: DrawnTree;

  constructor(node: ReactNode, size: ScreenSize) {
    this.output = new EmulatedOutput(size);
    this.screen = new Screen(this.output);
    this.#app = drawFrames(this.#around(node), this.screen);
    this.screen.open();
  }

  rerender(node: ReactNode): void {
    this.#app.rerender(this.#around(node));
  }

  async lines(): Promise<readonly string[]> {
    await this.output.settled();
    return this.output.lines();
  }

  async text(): Promise<string> {
    return (await this.lines()).join('\n').trimEnd();
  }

  unmount(): void {
    this.screen.close();
    this.#app.unmount();
  }

  #around(node: ReactNode) {
    return (
      <TerminalContext.Provider value={{ screen: this.screen, keys: this.keys }}>
        {node}
      </TerminalContext.Provider>
    );
  }
}

const open = new Set<DrawnScreen>();

/** Draws a component. Give `endDrawnScreens` to `afterEach`. */
export function draw(node: ReactNode, size: ScreenSize): DrawnScreen {
  const drawn = new DrawnScreen(node, size);
  open.add(drawn);
  return drawn;
}

export function endDrawnScreens(): void {
  for (const drawn of open) drawn.unmount();
  open.clear();
}
