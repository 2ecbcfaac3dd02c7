import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

/** A reply as it came. */
export interface ReceivedReply {
  readonly code: number;
  /** All lines, without their line ends. */
  readonly lines: readonly string[];
}

/** Result of a transfer command. */
export interface DataReply {
  readonly opening: ReceivedReply;
  readonly closing: ReceivedReply;
  readonly data: Buffer;
}

interface TlsOptions extends ConnectionOptions {
  /** Mechanism of AUTH. */
  readonly mechanism?: string;
}

/** If a server is killed while a client connects, the client may stay connected without a peer: it finds out. */
const OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 };

/** A raw control connection for tests: it sends lines as given and returns replies in order. */
export class ControlClient {
  socket: Socket;
  readonly host: string;
  readonly #replies: ReceivedReply[] = [];
  readonly #waiting: ((reply: ReceivedReply | undefined) => void)[] = [];
  #text = '';
  #lines: string[] = [];
  #isClosed = false;
  /**
   * TLS options of the control connection and, with PROT P, of the data connections. They name the host
   * because Node offers a session only to the host from which it came.
   */
  #tls: ConnectionOptions | undefined;
  #session: Buffer | undefined;
  #isProtected = false;
  readonly #shakingHands = new WeakSet<Socket>();

  private constructor(socket: Socket, host: string) {
    this.socket = socket;
    this.host = host;
    this.#listen(socket);
  }

  /** Encrypts the control connection by AUTH; the server's certificate is not looked at. */
  async startTls({ mechanism = 'TLS', ...options }: TlsOptions = {}): Promise<void> {
    const { code, lines } = await this.command(`AUTH ${mechanism}`);
    if (code !== 234) throw new Error(`no TLS: ${lines.join(' ')}`);
    this.socket.removeAllListeners('data').removeAllListeners('close');
    this.#tls = { ...options, host: this.host, rejectUnauthorized: false };
    const secured = connectTls({ ...this.#tls, socket: this.socket });
    this.socket = secured;
    this.#keepSession(secured);
    this.#listen(secured);
    await once(secured, 'secureConnect');
  }

  /** Encrypts the data connections, too. */
  async protectData(): Promise<void> {
    await this.command('PBSZ 0');
    await this.command('PROT P');
    this.#isProtected = true;
  }

  /** The TLS session of the control connection, as a data connection resumes it. */
  get tlsSession(): Buffer | undefined {
    return this.#session;
  }

  /** Connects and reads the greeting. */
  static async open(port: number, host = '127.0.0.1'): Promise<ControlClient> {
    const socket = connect({ port, host, ...OPTIONS });
    const client = new ControlClient(socket, host);
    await client.reply();
    return client;
  }

  /** Connects to a port of implicit TLS and reads the greeting. */
  static async openTls(
    port: number,
    { host = '127.0.0.1', ...options }: ConnectionOptions = {},
  ): Promise<ControlClient> {
    const tls = { ...options, host, rejectUnauthorized: false };
    const socket = connectTls({ port, ...tls });
    const client = new ControlClient(socket, host);
    client.#tls = tls;
    client.#keepSession(socket);
    await client.reply();
    return client;
  }

  /** Sends a command and waits for one reply. */
  async command(line: string): Promise<ReceivedReply> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  /** Sends octets as they are. */
  send(octets: string | Uint8Array): void {
    this.socket.write(octets);
  }

  /** The next reply. Fails if the connection is closed and none is left. */
  async reply(): Promise<ReceivedReply> {
    const reply = await this.replyOrEnd();
    if (reply === undefined) throw new Error('the control connection is closed');
    return reply;
  }

  /** The next reply; undefined if the server has closed the connection. */
  replyOrEnd(): Promise<ReceivedReply | undefined> {
    const ready = this.#replies.shift();
    if (ready !== undefined || this.#isClosed) return Promise.resolve(ready);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async login(username: string, password: string): Promise<void> {
    await this.command(`USER ${username}`);
    const { code, lines } = await this.command(`PASS ${password}`);
    if (code !== 230) throw new Error(`login failed: ${lines.join(' ')}`);
    await this.command('TYPE I');
  }

  async signUp(username: string, password: string): Promise<void> {
    await this.command(`SITE SIGNUP ${username}`);
    const { code, lines } = await this.command(`PASS ${password}`);
    if (code !== 230) throw new Error(`sign-up failed: ${lines.join(' ')}`);
    await this.command('TYPE I');
  }

  /** Asks for a passive port by EPSV. */
  async passivePort(): Promise<number> {
    const { lines } = await this.command('EPSV');
    return Number(/\|\|\|(\d+)\|/.exec(lines[0] ?? '')?.[1]);
  }

  /** Opens a data connection by EPSV, encrypted if they have to be. */
  async openData(): Promise<Socket> {
    const socket = await this.openPlainData();
    return this.#isProtected ? this.protect(socket) : socket;
  }

  /** Opens a data connection by EPSV, and leaves it in clear. */
  async openPlainData(): Promise<Socket> {
    const port = await this.passivePort();
    const socket = connect({ port, host: this.host, ...OPTIONS });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /**
   * Begins TLS on a data connection; the handshake goes on once the server has answered 150. It resumes the
   * session of the control connection, or another that is given.
   */
  protect(socket: Socket, session: Buffer | 'none' | undefined = this.#session): TLSSocket {
    const resumed = session === 'none' ? undefined : session;
    const secured = connectTls({ ...this.#tls, socket, ...(resumed && { session: resumed }) });
    this.#shakingHands.add(secured);
    secured.on('error', () => {});
    secured.on('secureConnect', () => this.#shakingHands.delete(secured));
    return secured;
  }

  /** Runs RETR, LIST and the like. */
  async retrieve(command: string): Promise<DataReply> {
    const data = await this.openData();
    const chunks: Buffer[] = [];
    data.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = new Promise((resolve) => data.on('error', () => {}).once('close', resolve));
    const opening = await this.command(command);
    if (opening.code !== 150) {
      data.destroy();
      return { opening, closing: opening, data: Buffer.alloc(0) };
    }
    await closed;
    return { opening, closing: await this.reply(), data: Buffer.concat(chunks) };
  }

  /** Runs STOR and the like. */
  async store(command: string, octets: string | Uint8Array): Promise<DataReply> {
    const data = await this.openData();
    const opening = await this.command(command);
    if (opening.code === 150) await this.#secured(data);
    if (opening.code !== 150) data.destroy();
    else data.resume().end(octets);
    const closing = opening.code === 150 ? await this.reply() : opening;
    return { opening, closing, data: Buffer.alloc(0) };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  /** Until a handshake is over: Node's client gives it up if it has nothing to send before it ends. */
  #secured(socket: Socket): Promise<void> {
    if (!this.#shakingHands.has(socket)) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('secureConnect', resolve).once('close', () => resolve());
    });
  }

  #keepSession(socket: TLSSocket): void {
    socket.on('session', (session: Buffer) => {
      this.#session = session;
    });
  }

  #listen(socket: Socket): void {
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#close());
  }

  #receive(chunk: string): void {
    this.#text += chunk;
    for (let end = this.#text.indexOf('\r\n'); end !== -1; end = this.#text.indexOf('\r\n')) {
      this.#lines.push(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
      this.#endReply();
    }
  }

  /** RFC 959 §4.2: a reply ends with the line that has its code and a blank. */
  #endReply(): void {
    const code = this.#lines[0]?.slice(0, 3) ?? '';
    if (this.#lines.at(-1)?.startsWith(`${code} `) !== true) return;
    const reply = { code: Number(code), lines: this.#lines };
    this.#lines = [];
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#replies.push(reply);
    else waiting(reply);
  }

  #close(): void {
    this.#isClosed = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
