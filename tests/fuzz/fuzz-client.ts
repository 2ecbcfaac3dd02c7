import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ExpectedReplies } from './expected-replies.ts';
import { ReplyReader, type StrictReply } from './reply-reader.ts';

interface Origin {
  readonly port: number;
  /** Where the client comes from, an address of the loopback. */
  readonly address: string;
}

/** A control connection that knows how many replies it has to get. */
export class FuzzClient {
  readonly address: string;
  readonly reader = new ReplyReader();
  readonly #socket: Socket;
  readonly #expected = new ExpectedReplies();
  readonly #watchers = new Set<() => void>();
  #state: 'open' | 'sent everything' | 'reset' = 'open';
  #isClosed = false;

  private constructor(socket: Socket, address: string) {
    this.address = address;
    this.#socket = socket;
    socket.on('data', (octets: Buffer) => {
      this.reader.push(octets);
      this.#look();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#look();
    });
  }

  static async open({ port, address }: Origin): Promise<FuzzClient> {
    const options = { port, host: '127.0.0.1', localAddress: address, noDelay: true };
    const socket = connect({ ...options, allowHalfOpen: true });
    await once(socket, 'connect');
    const client = new FuzzClient(socket, address);
    socket.on('end', () => socket.end());
    return client;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get canSend(): boolean {
    return this.#state === 'open' && this.#socket.writable;
  }

  get lastReply(): StrictReply | undefined {
    return this.reader.replies.at(-1);
  }

  /** Sends octets in segments; `cuts` are thousandths of the whole. */
  async send(octets: Uint8Array, cuts: readonly number[] = []): Promise<void> {
    if (!this.canSend) return;
    this.#expected.push(octets);
    const ends = cuts.map((cut) => Math.floor((cut / 1000) * octets.length)).sort((a, b) => a - b);
    let start = 0;
    for (const end of [...ends, octets.length]) {
      if (end > start) this.#socket.write(octets.subarray(start, end));
      start = end;
      await nextTurn();
    }
  }

  /** Sends a command and waits for its reply. */
  async command(line: string, timeoutMs = 5000): Promise<StrictReply | undefined> {
    await this.send(Buffer.from(`${line}\r\n`));
    await this.answered(timeoutMs);
    return this.lastReply;
  }

  /** Waits until everything is answered, or the connection closed. False if that takes too long. */
  answered(timeoutMs: number): Promise<boolean> {
    const isDone = () => this.reader.finalReplies.length >= this.#expected.count;
    return this.#until(() => isDone() || this.#isClosed, timeoutMs);
  }

  closed(timeoutMs: number): Promise<boolean> {
    return this.#until(() => this.#isClosed, timeoutMs);
  }

  /** Sends nothing more, and still listens. */
  finish(): void {
    if (this.#state !== 'open') return;
    this.#state = 'sent everything';
    this.#socket.end();
  }

  reset(): void {
    this.#state = 'reset';
    this.#socket.resetAndDestroy();
  }

  /** What was wrong with the replies, once the connection has closed. */
  faults(): string[] {
    if (this.#state === 'reset') return this.reader.faults;
    this.reader.end();
    const faults = [...this.reader.faults];
    const { finalReplies: replies } = this.reader;
    const { count, isEndless } = this.#expected;
    const lastCode = replies.at(-1)?.code;
    const saidGoodbye = lastCode === 421 || lastCode === 221;
    if (isEndless && lastCode !== 421) faults.push('an endless line was not answered with 421');
    // 421 may come unasked (RFC 959 §5.4).
    if (replies.length > count + (lastCode === 421 ? 1 : 0)) {
      faults.push(`${replies.length} replies for ${count} commands`);
    }
    if (replies.length < count && !saidGoodbye) {
      faults.push(`${replies.length} replies for ${count} commands, and no 421 or 221`);
    }
    return faults;
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #until(isDone: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isDone()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const over = (outcome: boolean) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve(outcome);
      };
      const watcher = () => {
        if (isDone()) over(true);
      };
      const timer = setTimeout(() => over(isDone()), timeoutMs);
      this.#watchers.add(watcher);
    });
  }
}
