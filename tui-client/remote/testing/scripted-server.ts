import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** For TLS. */
export interface Identities {
  readonly control: Identity;
  readonly data: Identity;
  /** Implicit if left out. */
  readonly tls?: 'explicit' | 'implicit';
}

export interface ScriptedServerOptions {
  /** Lines of FEAT. */
  readonly features?: readonly string[];
  readonly identities?: Identities;
  readonly greeting?: string;
}

/** One control connection of a scripted server. */
export class ScriptedControl {
  socket: Socket;
  /** What the client has sent, line by line. */
  readonly lines: string[] = [];
  readonly #server: ScriptedServer;
  #listener: Server | undefined;
  #data: Promise<Socket> | undefined;

  constructor(socket: Socket, server: ScriptedServer) {
    this.socket = socket;
    this.#server = server;
  }

  say(...lines: string[]): void {
    if (!this.socket.destroyed) this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Listens for a data connection and gives its port. */
  async listen(): Promise<number> {
    this.#listener?.close();
    const listener = createServer();
    this.#listener = listener;
    this.#server.own(listener);
    this.#data = once(listener, 'connection').then(([socket]) => {
      listener.close();
      return this.#server.adopt(this.#server.secured(socket as Socket));
    });
    this.#data.catch(() => {});
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  }

  /** The data connection that the client has opened. */
  async data(): Promise<Socket> {
    if (this.#data === undefined) throw new Error('no data connection was asked for');
    return this.#data;
  }

  /** Sends octets on the data connection and confirms. */
  async sendData(octets: string | Uint8Array, closing = '226 Done.'): Promise<void> {
    this.say('150 Here it comes.');
    const data = await this.data();
    data.end(octets);
    await once(data, 'finish');
    this.say(closing);
  }
}

/** Answers a command; `true` if that is done, `undefined` leaves it to the well-behaved rest. */
export type Script = (
  verb: string,
  argument: string,
  control: ScriptedControl,
) => Promise<unknown> | unknown;

const WELL_BEHAVED: Readonly<Record<string, string>> = {
  USER: '331 Password?',
  PASS: '230 Welcome.',
  TYPE: '200 Fine.',
  PBSZ: '200 Fine.',
  PROT: '200 Private.',
  CWD: '250 There.',
  NOOP: '200 Yes.',
  PWD: '257 "/" is where we are.',
  ABOR: '226 Aborted.',
  QUIT: '221 Bye.',
};

/** A server that says what a test has written down: most of all one that lies. */
export class ScriptedServer {
  readonly controls: ScriptedControl[] = [];
  readonly #script: Script;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  readonly #listeners = new Set<Server>();
  readonly #features: readonly string[];

  readonly #identities: Identities | undefined;
  readonly #greeting: string;

  private constructor(script: Script, options: ScriptedServerOptions) {
    const { features = [], identities, greeting = '220 Ready.' } = options;
    this.#greeting = greeting;
    this.#script = script;
    this.#features = features;
    this.#identities = identities;
    const isImplicit = identities !== undefined && identities.tls !== 'explicit';
    this.#listener = isImplicit ? createTlsServer(identities.control) : createServer();
    const event = isImplicit ? 'secureConnection' : 'connection';
    this.#listener.on(event, (socket: Socket) => this.#greet(socket));
  }

  static async start(
    script: Script = () => undefined,
    options: ScriptedServerOptions = {},
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer(script, options);
    server.#listener.listen(0, '127.0.0.1');
    await once(server.#listener, 'listening');
    return server;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Everything that clients have sent. */
  get lines(): string[] {
    return this.controls.flatMap(({ lines }) => lines);
  }

  adopt(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    return socket;
  }

  /** A data connection as it is used. */
  secured(socket: Socket): Socket {
    if (this.#identities === undefined) return socket;
    this.adopt(socket);
    return new TLSSocket(socket, { isServer: true, ...this.#identities.data });
  }

  own(listener: Server): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #greet(socket: Socket): void {
    this.adopt(socket);
    const control = new ScriptedControl(socket, this);
    this.controls.push(control);
    control.say(this.#greeting);
    this.#listen(control, socket);
  }

  #listen(control: ScriptedControl, socket: Socket): void {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      const lines = text.split('\r\n');
      text = lines.pop() ?? '';
      // The client may leave while it is answered.
      for (const line of lines) this.#answer(control, line).catch(() => {});
    });
  }

  #encrypt(control: ScriptedControl): void {
    control.say('234 Go ahead.');
    const { socket } = control;
    socket.removeAllListeners('data');
    control.socket = new TLSSocket(socket, { isServer: true, ...this.#identities?.control });
    this.adopt(control.socket);
    this.#listen(control, control.socket);
  }

  async #answer(control: ScriptedControl, line: string): Promise<void> {
    control.lines.push(line);
    const [verb = '', ...rest] = line.split(' ');
    if ((await this.#script(verb, rest.join(' '), control)) !== undefined) return;
    if (verb === 'AUTH' && this.#identities?.tls === 'explicit') this.#encrypt(control);
    else if (verb === 'EPSV') control.say(`229 Come (|||${await control.listen()}|)`);
    else if (verb === 'FEAT')
      control.say('211-Features', ...this.#features.map((f) => ` ${f}`), '211 End');
    else control.say(WELL_BEHAVED[verb] ?? '502 Not here.');
  }
}

/** As `227 (127,0,0,1,4,1)` names it. */
export function classicAddress(address: string, port: number): string {
  return [...address.split('.'), port >> 8, port & 0xff].join(',');
}

/**
 * Whether the peer has broken a connection that has ended. Node reports an orderly end if octets were left to read; the
 * system no longer knows the peer then.
 */
export function wasReset(socket: Socket): boolean {
  // Asked for the first time here: Node remembers an address once it was known.
  return socket.remoteAddress === undefined;
}
