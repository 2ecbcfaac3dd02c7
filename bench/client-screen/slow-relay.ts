import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface RelayOptions {
  /** Of the server behind. */
  readonly port: number;
  /** Of each upload. */
  readonly bytesPerSecond: number;
  /** Called when the first octets of a download or listing have come. */
  readonly onFirstOctets?: () => void;
}

const HOST = '127.0.0.1';

/**
 * A slow line to an FTP server: uploads through it take as long as wished, so that a client can be watched while
 * they last. Control connections in clear and EPSV only.
 */
export class SlowRelay {
  readonly port: number;
  readonly #servers: Server[];
  readonly #sockets: Set<Socket>;

  private constructor(parts: { port: number; servers: Server[]; sockets: Set<Socket> }) {
    this.port = parts.port;
    this.#servers = parts.servers;
    this.#sockets = parts.sockets;
  }

  static async start(options: RelayOptions): Promise<SlowRelay> {
    const servers: Server[] = [];
    const sockets = new Set<Socket>();
    const port = await listen(servers, (client) => relayControl(client));
    return new SlowRelay({ port, servers, sockets });

    function relayControl(client: Socket): void {
      const server = join(client, options.port);
      client.pipe(server);
      server.setEncoding('latin1').on('data', (replies: string) => {
        void withOwnPorts(replies).then((changed) => client.write(changed, 'latin1'));
      });
    }

    /** Replies to EPSV lead through the relay. */
    async function withOwnPorts(replies: string): Promise<string> {
      const [, dataPort] = /^229 .*\(\|\|\|(\d+)\|\)/m.exec(replies) ?? [];
      if (dataPort === undefined) return replies;
      const own = await listen(servers, (client) => relayData(client, Number(dataPort)));
      return replies.replace(`|||${dataPort}|`, `|||${own}|`);
    }

    function relayData(client: Socket, dataPort: number): void {
      const server = join(client, dataPort);
      server.once('data', () => options.onFirstOctets?.()).pipe(client);
      void sendSlowly(client, server);
    }

    async function sendSlowly(client: Socket, server: Socket): Promise<void> {
      try {
        for await (const octets of client as AsyncIterable<Buffer>) {
          server.write(octets);
          await delay((octets.length / options.bytesPerSecond) * 1000);
        }
        server.end();
      } catch {
        server.destroy();
      }
    }

    function join(client: Socket, port: number): Socket {
      const server = connect(port, HOST);
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
      return server;
    }
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function listen(servers: Server[], onClient: (client: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, onClient);
  servers.push(server);
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
