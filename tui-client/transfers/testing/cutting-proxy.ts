import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const EPSV_PORT = /\(\|\|\|(\d+)\|\)/;

/** Stands between a client and a server, and resets connections after as many octets as a test wants. */
export class CuttingProxy {
  /** Octets of data before each cut, in order. */
  readonly cutsAfterBytes: number[];
  /** Whether the control connection is cut, too. The other value stalls all connections instead. */
  readonly kills: ProxyOptions['kills'];
  /** When all stand still. */
  readonly held: Promise<void>;
  cuts = 0;
  #hold: () => void = () => {};
  #isHeld = false;
  #isDown = false;
  readonly #serverPort: number;
  readonly #listener: Server;
  readonly #listeners = new Set<Server>();
  readonly #sockets = new Set<Socket>();

  private constructor(options: ProxyOptions, listener: Server) {
    this.#serverPort = options.serverPort;
    this.cutsAfterBytes = [...options.cutsAfterBytes];
    this.kills = options.kills;
    this.#listener = listener;
    this.held = new Promise((resolve) => {
      this.#hold = resolve;
    });
    listener.on('connection', (socket) => {
      if (this.#isDown) socket.resetAndDestroy();
      else this.#control(socket);
    });
  }

  static async start(options: ProxyOptions): Promise<CuttingProxy> {
    const listener = createServer().listen(options.port ?? 0, '127.0.0.1');
    await once(listener, 'listening');
    return new CuttingProxy(options, listener);
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Resets all connections, and each new one. The port is kept: another program could get it. */
  goDown(): void {
    this.#isDown = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  comeBack(): void {
    this.#isDown = false;
    this.#isHeld = false;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const listener of [this.#listener, ...this.#listeners]) listener.close();
  }

  #control(client: Socket): void {
    const server = this.#pair(client, this.#serverPort);
    client.pipe(server);
    let rest = '';
    server.on('data', (octets) => {
      server.pause();
      const text = rest + octets.toString('latin1');
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      void this.#rewritten(text.slice(0, end), [client, server]).then((lines) => {
        client.write(lines, 'latin1');
        server.resume();
      });
    });
    server.on('end', () => client.end());
  }

  /** Data connections are to come through us as well. */
  async #rewritten(text: string, control: readonly Socket[]): Promise<string> {
    const port = EPSV_PORT.exec(text)?.[1];
    if (port === undefined) return text;
    const listener = createServer().listen(0, '127.0.0.1');
    this.#listeners.add(listener);
    await once(listener, 'listening');
    listener.once('connection', (client) => {
      listener.close();
      this.#listeners.delete(listener);
      this.#data(client, Number(port), control);
    });
    const own = (listener.address() as AddressInfo).port;
    return text.replace(EPSV_PORT, `(|||${own}|)`);
  }

  #data(client: Socket, port: number, control: readonly Socket[]): void {
    const server = this.#pair(client, port);
    this.#forward(client, server, control);
    this.#forward(server, client, control);
  }

  #forward(from: Socket, to: Socket, control: readonly Socket[]): void {
    from.on('data', (octets) => {
      if (this.#isHeld) return;
      if (this.#isCut(octets.length)) this.#cut([from, to], control);
      else if (!to.write(octets)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => {
      if (!this.#isHeld) to.end();
    });
  }

  #cut(data: readonly Socket[], control: readonly Socket[]): void {
    this.cuts++;
    if (this.kills === 'none') {
      this.#isHeld = true;
      this.#hold();
      return;
    }
    const victims = this.kills === 'all' ? [...data, ...control] : data;
    for (const socket of victims) socket.resetAndDestroy();
  }

  #isCut(bytes: number): boolean {
    const left = this.cutsAfterBytes[0];
    if (left === undefined) return false;
    this.cutsAfterBytes[0] = left - bytes;
    if (left > bytes) return false;
    this.cutsAfterBytes.shift();
    return true;
  }

  /** The way on to the server. One end takes the other with it. */
  #pair(client: Socket, port: number): Socket {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.allowHalfOpen = true;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (socket.readableAborted) other.resetAndDestroy();
      });
    }
    return server;
  }
}

interface ProxyOptions {
  readonly serverPort: number;
  readonly cutsAfterBytes: readonly number[];
  readonly kills: 'data' | 'all' | 'none';
  /** Its own; any if left out. */
  readonly port?: number;
}
