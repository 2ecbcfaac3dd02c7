import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Terminal } from '../../tests/terminal/terminal.ts';

const CLIENT = fileURLToPath(new URL('../../dist/tui-client/main.js', import.meta.url));

/** On SIGUSR2 the client tells how long its event loop was blocked at most since the last time. */
const monitor = `
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
process.on('SIGUSR2', () => {
  writeFileSync(process.env.LOOP_FILE, String(delays.max / 1e6));
  delays.reset();
});`;

interface ClientOptions {
  readonly args: readonly string[];
  readonly columns: number;
  readonly rows: number;
  /** Home and working directory. */
  readonly home: string;
}

/** The built client in a terminal, with a look at its event loop. */
export class WatchedClient {
  readonly terminal: Terminal;
  readonly #loopFile: string;

  constructor({ args, columns, rows, home }: ClientOptions) {
    this.#loopFile = `${home}/loop`;
    const importing = `data:text/javascript,${encodeURIComponent(monitor)}`;
    this.terminal = new Terminal([process.execPath, '--import', importing, CLIENT, ...args], {
      columns,
      rows,
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, LOOP_FILE: this.#loopFile },
    });
  }

  static isBuilt(): boolean {
    return existsSync(CLIENT);
  }

  /** Milliseconds until the client writes a text; to the byte, not to what a person sees. */
  async msUntilWritten(text: string): Promise<number> {
    const startMs = performance.now();
    for (let written = ''; !written.includes(text); ) {
      await this.terminal.nextWrite();
      written += this.terminal.takeWritten();
    }
    return performance.now() - startMs;
  }

  /** The longest block of the client's event loop since the last call. */
  async longestBlockMs(): Promise<number> {
    rmSync(this.#loopFile, { force: true });
    this.terminal.signal('SIGUSR2');
    for (;;) {
      const text = existsSync(this.#loopFile) ? readFileSync(this.#loopFile, 'utf8') : '';
      if (text !== '') return Number(text);
      await delay(5);
    }
  }
}
