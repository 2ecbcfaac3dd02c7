import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { LaunchPlan } from './server-kind.ts';

/** Where and how a client logs in. */
interface Login {
  readonly port: number;
  readonly plan: Pick<LaunchPlan, 'user' | 'password'>;
  readonly isOverTls: boolean;
}

/** Without progress for this long, a client gives up. */
const PATIENCE_MS = 30_000;

/** A client that comes as far as it is told, and then neither reads nor sends. */
export class StalledClient {
  #control: Socket;
  readonly #sockets: Socket[] = [];
  readonly #login: Login;
  #text = '';

  private constructor(login: Login) {
    this.#login = login;
    this.#control = this.#open(login.port);
  }

  /** Connects and reads the greeting. */
  static async connect(login: Login): Promise<StalledClient> {
    const client = new StalledClient(login);
    await client.#expect(220);
    return client;
  }

  async logIn(): Promise<void> {
    const { plan, isOverTls } = this.#login;
    if (isOverTls) await this.#startTls();
    if ((await this.command(`USER ${plan.user}`)) !== 230) {
      this.send(`PASS ${plan.password}\r\n`);
      await this.#expect(230);
    }
    await this.command('TYPE I');
  }

  /** Sends a command and reads its reply. */
  async command(line: string): Promise<number> {
    this.send(`${line}\r\n`);
    return this.#reply();
  }

  /** Sends octets and reads nothing. */
  send(text: string): void {
    this.#control.write(text);
  }

  /**
   * Opens a data connection, of which nothing is read, and sends a command that uses it.
   *
   * @returns false if the server does not know the command.
   */
  async begin(line: string): Promise<boolean> {
    this.send('PASV\r\n');
    const numbers = /(\d+),(\d+)\)/.exec(await this.#replyText()) ?? [];
    const data = this.#open(Number(numbers[1]) * 256 + Number(numbers[2]));
    await happens(data, 'connect');
    return (await this.command(line)) < 500;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(port: number): Socket {
    const socket = connect({ port, host: '127.0.0.1' });
    // The bench ends servers while clients are connected.
    socket.on('error', () => {});
    this.#sockets.push(socket);
    return socket;
  }

  async #startTls(): Promise<void> {
    this.send('AUTH TLS\r\n');
    await this.#expect(234);
    const secured = connectTls({ socket: this.#control, rejectUnauthorized: false });
    this.#sockets.push(secured);
    secured.on('error', () => {});
    await happens(secured, 'secureConnect');
    this.#control = secured;
  }

  async #expect(code: number): Promise<void> {
    const text = await this.#replyText();
    if (Number(text.slice(0, 3)) !== code) throw new Error(`${code} was expected, not: ${text}`);
  }

  async #reply(): Promise<number> {
    return Number((await this.#replyText()).slice(0, 3));
  }

  /** The last line of the next reply. What comes after it stays in the network. */
  async #replyText(): Promise<string> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const [reply, line = ''] = /^(?:.*\r\n)*?(\d{3} .*)\r\n/.exec(this.#text) ?? [];
      if (reply !== undefined) {
        this.#text = this.#text.slice(reply.length);
        return line;
      }
      const chunk: unknown = this.#control.read();
      if (chunk !== null) this.#text += String(chunk);
      else if (this.#control.destroyed) throw new Error('The server has closed the connection.');
      else if (performance.now() > deadlineMs) throw new Error('The server does not answer.');
      else await delay(1);
    }
  }
}

/** @throws Error if the connection is closed before. */
async function happens(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('close', () => reject(new Error(`The connection was closed before ${event}.`)));
  });
}
