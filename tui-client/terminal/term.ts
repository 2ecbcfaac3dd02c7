import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { canBeResumed } from './job-control.ts';
import { Keys } from './keys.ts';
import { Screen } from './screen.ts';
import { setBlocking } from './tty-internals.ts';
import { writeUrgently } from './urgent-write.ts';

const ALTERNATE_SCREEN = '\x1b[?1049h';
const PASTE_MODE = '\x1b[?2004h';
const HIDE_CURSOR = '\x1b[?25l';
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1000l\x1b[?1006l';
const SHOW_CURSOR = '\x1b[?25h';

/** Ends a write that was cut, and then undoes everything that was ever switched on. */
const RESTORE = `\x1b\\\x1b[?2026l\x1b[0m${MOUSE_OFF}\x1b[?2004l\x1b[?7h${SHOW_CURSOR}\x1b[?1049l`;

const EXIT_BUG = 70;

/** Signals that end the program, with their exit codes. */
const endingSignals = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

/** The types of Node name each event on its own. */
const processEvents: EventEmitter = process;

const ONE_DAY_MS = 24 * 60 * 60 * 1000;

interface TermEvents {
  /** The terminal is ours again, after a suspend or after another program had it. */
  resume: [];
}

interface TermOptions {
  readonly input?: ReadStream;
  readonly output?: WriteStream;
  readonly mouse?: 'on' | 'off';
  /** Called when a signal or a fault ends the program, after the terminal has been restored. */
  readonly exit?: (code: number) => void;
}

/**
 * The terminal while a full screen is shown: raw keys, the alternate screen, no cursor, pastes marked as such.
 * Whatever way the program ends, except by SIGKILL, the terminal is left as it was found.
 */
export class Term extends EventEmitter<TermEvents> {
  readonly screen: Screen;
  readonly keys = new Keys();
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #exit: (code: number) => void;
  readonly #listeners: readonly (readonly [string, (value: unknown) => void])[];
  #mouse: 'on' | 'off';
  #state: 'closed' | 'ours' | 'lent' = 'closed';
  #isAsynchronous = true;
  /** Runs while we are stopped: without it, Node would find nothing to do on waking, and end. */
  #stopped: NodeJS.Timeout | undefined;

  constructor(options: TermOptions = {}) {
    super();
    this.setMaxListeners(0);
    this.#input = options.input ?? process.stdin;
    this.#output = options.output ?? process.stdout;
    this.#mouse = options.mouse ?? 'off';
    this.#exit = options.exit ?? ((code) => process.exit(code));
    this.screen = new Screen(this.#output);
    this.#listeners = [
      ...Object.entries(endingSignals).map(
        ([signal, code]) => [signal, () => this.#onEndingSignal(signal, code)] as const,
      ),
      ['SIGTSTP', () => this.#onStopSignal()],
      ['SIGCONT', () => this.#onContinued()],
      ['uncaughtException', (error: unknown) => this.#endByFault(error)],
      ['unhandledRejection', (reason: unknown) => this.#endByFault(reason)],
      ['exit', () => this.close()],
    ];
  }

  get mouse(): 'on' | 'off' {
    return this.#mouse;
  }

  /** Whether transfers continue while the terminal takes nothing, as far as that was tried. */
  get isAsynchronous(): boolean {
    return this.#isAsynchronous;
  }

  /** Shows the full screen. */
  open(): void {
    if (this.#state !== 'closed') return;
    for (const [event, listener] of this.#listeners) processEvents.on(event, listener);
    this.#input.on('data', this.#onData);
    this.#input.on('error', this.#onTerminalGone);
    this.#input.on('end', this.#onTerminalGone);
    this.#output.on('error', this.#onTerminalGone);
    this.#take();
  }

  /** Leaves the terminal as it was found. */
  close(): void {
    if (this.#state === 'closed') return;
    const isOurs = this.#state === 'ours';
    this.#state = 'closed';
    for (const [event, listener] of this.#listeners) processEvents.off(event, listener);
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onTerminalGone);
    clearInterval(this.#stopped);
    if (isOurs) this.#giveBack();
  }

  /**
   * Stops the program as Ctrl-Z does, until the shell continues it.
   *
   * @returns false if there is no shell to continue it; then nothing happens.
   */
  suspend(): boolean {
    if (this.#state !== 'ours' || this.#stopped !== undefined || !canBeResumed()) return false;
    this.#giveBack();
    this.#stopped = setInterval(() => {}, ONE_DAY_MS);
    // SIGTSTP would only come to our own listener. The whole group, as the terminal's driver does it.
    process.kill(0, 'SIGSTOP');
    return true;
  }

  /** Runs a task that needs the terminal for itself, such as an editor, on the normal screen. */
  async lend<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#state !== 'ours') return task();
    this.#state = 'lent';
    this.#giveBack();
    try {
      return await task();
    } finally {
      if (this.#isStillLent()) this.#takeAgain();
    }
  }

  setMouse(mouse: 'on' | 'off'): void {
    this.#mouse = mouse;
    if (this.#state === 'ours') this.#output.write(mouse === 'on' ? MOUSE_ON : MOUSE_OFF);
  }

  #isStillLent(): boolean {
    return this.#state === 'lent';
  }

  #take(): void {
    this.#state = 'ours';
    this.#setRawMode('on');
    this.#input.resume();
    writeUrgently(
      `${ALTERNATE_SCREEN}${PASTE_MODE}${HIDE_CURSOR}${this.#mouse === 'on' ? MOUSE_ON : ''}`,
    );
    this.#isAsynchronous = setBlocking(this.#output, 'off');
    this.screen.open();
  }

  #takeAgain(): void {
    // The shell has sent this while we could not hear it.
    process.kill(process.pid, 'SIGWINCH');
    this.#take();
    this.emit('resume');
  }

  #giveBack(): void {
    this.screen.close();
    writeUrgently(RESTORE);
    setBlocking(this.#output, 'on');
    this.#setRawMode('off');
    this.#input.pause();
  }

  /** Fails when the terminal is gone, and then there is nothing to set. */
  #setRawMode(mode: 'on' | 'off'): void {
    try {
      this.#input.setRawMode(mode === 'on');
    } catch {}
  }

  /** Keys that another program has for itself reach us too, as signals. */
  #onEndingSignal(signal: string, code: number): void {
    const isForOther = signal === 'SIGINT' || signal === 'SIGQUIT';
    if (this.#state !== 'lent' || !isForOther) this.#end(code);
  }

  #onStopSignal(): void {
    if (this.#state === 'lent') process.kill(process.pid, 'SIGSTOP');
    else this.suspend();
  }

  #onContinued(): void {
    if (this.#state !== 'ours') return;
    clearInterval(this.#stopped);
    this.#stopped = undefined;
    this.screen.close();
    // The shell has set its own mode, and Node sets a mode only if it believes that it is another one.
    this.#setRawMode('off');
    this.#takeAgain();
  }

  readonly #onData = (octets: Buffer): void => this.keys.push(octets);

  readonly #onTerminalGone = (): void => {
    if (this.#state === 'ours') this.#end(endingSignals.SIGHUP);
  };

  #end(code: number): void {
    this.close();
    this.#exit(code);
  }

  #endByFault(fault: unknown): void {
    this.close();
    process.stderr.write(`myftp-tui: this is a bug: ${textOf(fault)}\n`);
    this.#exit(EXIT_BUG);
  }
}

function textOf(fault: unknown): string {
  const stack = (fault as { readonly stack?: unknown } | undefined)?.stack;
  return typeof stack === 'string' ? stack : String(fault);
}
