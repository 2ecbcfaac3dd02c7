import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { FuzzClient } from './fuzz-client.ts';
import type { DataPlan, DataRoute } from './scenario.ts';

const STRANGERS_ADDRESS = '127.255.0.1';

/** The data connections of a scenario's clients. */
export class DataConnections {
  readonly #sockets: Socket[] = [];
  readonly #servers: Server[] = [];
  #received = '';

  /** The start of everything that came over data connections. */
  get received(): string {
    return this.#received;
  }

  /** Sends PASV, EPSV, PORT or EPRT and does what the plan says. */
  async open(client: FuzzClient, route: DataRoute): Promise<void> {
    if (route.from === 'client') await this.#passive(client, route);
    else await this.#active(client, route);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }

  async #passive(
    client: FuzzClient,
    { kind, plan }: Extract<DataRoute, { from: 'client' }>,
  ): Promise<void> {
    const answer = await client.command(kind, 500);
    const port = portOf(answer?.text ?? '');
    if (port === undefined || plan === 'never') return;
    const isStranger = plan === 'stranger';
    const localAddress = isStranger ? STRANGERS_ADDRESS : client.address;
    const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
    this.#sockets.push(socket);
    socket.on('error', () => {});
    socket.once('connect', () => {
      if (!isStranger) this.#follow(socket, plan);
    });
  }

  async #active(
    client: FuzzClient,
    { kind, plan }: Extract<DataRoute, { from: 'server' }>,
  ): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.push(socket);
      socket.on('error', () => {});
      if (plan !== 'refuse') this.#follow(socket, plan);
    });
    server.listen(0, client.address);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (plan === 'refuse') server.close();
    else this.#servers.push(server);
    const numbers = [...client.address.split('.'), port >> 8, port & 255].join(',');
    const argument = kind === 'PORT' ? numbers : `|1|${client.address}|${port}|`;
    await client.command(`${kind} ${argument}`, 500);
  }

  #follow(socket: Socket, plan: DataPlan): void {
    if (plan.reads) {
      socket.on('data', (octets: Buffer) => {
        if (this.#received.length < 200_000) this.#received += octets.toString('latin1');
      });
      socket.on('end', () => socket.end());
    }
    const payload = Buffer.alloc(plan.payloadBytes, 'text and\r\nmore text\n');
    if (plan.end === 'fin') socket.end(payload);
    else if (plan.end === 'open') socket.write(payload);
    else socket.write(payload.subarray(0, payload.length / 2), () => socket.resetAndDestroy());
  }
}

function portOf(reply: string): number | undefined {
  const [, extended] = /\(\|\|\|(\d+)\|\)/.exec(reply) ?? [];
  if (extended !== undefined) return Number(extended);
  const [, high, low] = /,(\d+),(\d+)\)/.exec(reply) ?? [];
  return high === undefined ? undefined : Number(high) * 256 + Number(low);
}
