import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { originOf } from '../accounts/login-throttle.ts';
import type { ExpectedConnection } from './expected-connection.ts';

/** Called with a connection that nothing expects. */
export type UnexpectedListener = (connection: Socket, peer: string, port: number) => void;

interface ListenerEvents {
  readonly onUnexpected: UnexpectedListener;
  readonly onError: (error: Error, port: number) => void;
}

/** An open passive port, and the clients that are expected on it. */
export class PassiveListener {
  readonly port: number;
  readonly #server: Server;
  /** One for each IPv4 address or IPv6 /64. */
  readonly #expected = new Map<string, ExpectedConnection>();

  private constructor(server: Server, events: ListenerEvents) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    server.on('connection', (connection) => this.#accept(connection, events));
    server.on('error', (error) => events.onError(error, this.port));
  }

  /**
   * Opens a port; 0 is the system's choice.
   *
   * @throws the system's error.
   */
  static async open(
    address: { readonly host: string; readonly port: number },
    events: ListenerEvents,
  ): Promise<PassiveListener> {
    const server = createServer({ pauseOnConnect: true });
    server.listen({ ...address, backlog: 511 });
    await once(server, 'listening');
    return new PassiveListener(server, events);
  }

  /** Whether no connection is expected, from any address. */
  get isIdle(): boolean {
    return this.#expected.size === 0;
  }

  expectedFrom(peer: string): ExpectedConnection | undefined {
    return this.#expected.get(peer);
  }

  expect(peer: string, expected: ExpectedConnection): void {
    this.#expected.set(peer, expected);
  }

  withdraw(peer: string, expected: ExpectedConnection): void {
    if (this.#expected.get(peer) === expected) this.#expected.delete(peer);
  }

  /** Closes the port at once; connections that the system has accepted and Node has not are reset. Resolves when all are closed. */
  close(): Promise<void> {
    for (const expected of [...this.#expected.values()]) expected.cancel();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(connection: Socket, { onUnexpected }: ListenerEvents): void {
    connection.on('error', ignoreLoss);
    const address = connection.remoteAddress ?? '';
    const peer = originOf(address);
    const expected = this.#expected.get(peer);
    if (expected?.isFor(address)) expected.accept(connection);
    else onUnexpected(connection, peer, this.port);
  }
}

/** Transfers learn of a lost connection from their reads and writes. */
function ignoreLoss(): void {}
