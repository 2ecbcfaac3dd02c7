import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RunningServer } from './running-server.ts';
import { TLS_CIPHER, TLS_GROUP } from './tls.ts';

/** Longer than anything that is measured; a client that hangs is ended. */
const CLIENT_TIMEOUT_MS = 180_000;

/** The measuring client as its own process; `client.c` describes the conversation. */
export class Client {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #complaints: Promise<string>;

  constructor(options: {
    clientPath: string;
    server: RunningServer;
    isOverTls: boolean;
    args: readonly string[];
  }) {
    const { server } = options;
    this.#process = spawn(options.clientPath, options.args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: CLIENT_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: {
        MYFTP_BENCH_PORT: String(server.port),
        MYFTP_BENCH_USER: server.plan.user,
        MYFTP_BENCH_PASSWORD: server.plan.password,
        ...(options.isOverTls && {
          MYFTP_BENCH_TLS_CIPHER: TLS_CIPHER,
          MYFTP_BENCH_TLS_GROUP: TLS_GROUP,
        }),
      },
    });
    this.#process.stdin.on('error', ignore);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#complaints = text(this.#process.stderr);
  }

  /** Waits until its sessions are logged in. */
  async ready(): Promise<void> {
    const line = await this.#nextLine();
    if (line !== 'ready') throw new Error(`The client said: ${line}`);
  }

  /** Lets it go on with the next step. */
  proceed(): void {
    this.#process.stdin.write('\n');
  }

  /** What it has measured, as parsed JSON. */
  async result(): Promise<unknown> {
    return JSON.parse(await this.#nextLine());
  }

  /** Lets it end its sessions, and waits for that. */
  async end(): Promise<void> {
    this.proceed();
    const { done } = await this.#lines.next();
    if (done !== true) throw new Error('The client said more than expected.');
    const complaint = (await this.#complaints).trim();
    if (complaint !== '') throw new Error(complaint);
  }

  /** Ends it without waiting. */
  stopSoon(): void {
    this.#process.kill('SIGKILL');
  }

  async #nextLine(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done !== true) return value;
    throw new Error((await this.#complaints).trim() || 'The client was ended: it took too long.');
  }
}

/** The process has ended; its message follows from the other end. */
function ignore(): void {}
