import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ProxyServer } from '../../sites/proxy.ts';

/** An HTTP proxy that connects to this machine, whatever the host is, and remembers what it was asked for. */
export class ConnectProxy {
  /** Of the connections that were asked for. */
  readonly hosts: string[] = [];
  readonly #listener: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #login: string | undefined;

  private constructor(login: string | undefined) {
    this.#login = login;
    this.#listener = createServer().on('connect', (request, socket) =>
      this.#connect(request, socket),
    );
  }

  /** @param login as `anna:secret`; undefined if everyone may use the proxy. */
  static async start(login?: string): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(login);
    proxy.#listener.listen(0, '127.0.0.1');
    await once(proxy.#listener, 'listening');
    return proxy;
  }

  get server(): ProxyServer {
    const { port } = this.#listener.address() as AddressInfo;
    return { kind: 'http', host: '127.0.0.1', port, username: undefined };
  }

  /** @param user as `anna@` or `anna:secret@`. */
  url(user = ''): string {
    return `http://${user}127.0.0.1:${this.server.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #connect({ url = '', headers }: IncomingMessage, socket: Duplex): void {
    this.#own(socket);
    const login = this.#login && `Basic ${Buffer.from(this.#login).toString('base64')}`;
    if (login !== undefined && headers['proxy-authorization'] !== login) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [, host = '', port] = /^(.*):(\d+)$/.exec(url) ?? [];
    this.hosts.push(host);
    const target = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    this.#own(target);
  }

  #own(socket: Duplex): void {
    this.#sockets.add(socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket)));
  }
}
