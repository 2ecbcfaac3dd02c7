import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { originOf } from '../accounts/login-throttle.ts';
import { DataConnectionError } from '../errors/errors.ts';
import { ExpectedConnection } from './expected-connection.ts';
import type { PassiveListener } from './passive-listener.ts';
import { PassivePortPool, type PortRange } from './passive-port-pool.ts';
import { connectionToGiveUp } from './passive-sharing.ts';
import { UnexpectedConnections } from './unexpected-connections.ts';

interface PassivePortsOptions {
  /** The address that the control connections are accepted on. */
  readonly host: string;
  /** Undefined: the system chooses the ports. */
  readonly range: PortRange | undefined;
  /** Number of ports that may be open at a time. */
  readonly maxOpen: number;
  readonly log: Logger;
  readonly now: () => number;
}

/** Attempts to find a port when others of the same address are quicker. */
const ATTEMPTS = 64;

/**
 * The passive ports of the whole server. All sessions share them: a connection belongs to the client that is expected at its
 * port from its address, and others are dropped.
 *
 * Each transfer gets a random port where nothing is expected from any address, because a thief at the address of the client
 * would only have to guess the port. If there is none, different addresses share ports. Ports stay open, except in a storm of
 * unexpected connections: then those where nothing is expected are closed, and the system itself refuses the connections.
 */
export class PassivePorts {
  readonly #now: () => number;
  readonly #unexpected: UnexpectedConnections;
  readonly #pool: PassivePortPool;

  constructor({ now, ...options }: PassivePortsOptions) {
    this.#now = now;
    this.#unexpected = new UnexpectedConnections({ log: options.log, now });
    this.#pool = new PassivePortPool({
      ...options,
      isStorm: () => this.#unexpected.isStorm,
      onUnexpected: (connection, peer, port) => this.#drop(connection, peer, port),
    });
  }

  /**
   * Opens the first port, so that a host or range that cannot work is found at the start.
   *
   * @throws the system's error if no port can be opened.
   */
  async open(): Promise<void> {
    await this.#pool.openFirst();
  }

  /**
   * Expects a data connection of a peer.
   *
   * @param holder the account that is to use it: accounts at one address share the ports.
   * @throws DataConnectionError if the peer's address uses every port already, or too many files are open.
   */
  async expect(peerAddress: string, holder?: number): Promise<ExpectedConnection> {
    const peer = originOf(peerAddress);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const free = this.#pool.drawOpen() ?? (await this.#pool.draw());
      if (free === undefined && (await this.#pool.advanced())) continue;
      const listener = free ?? this.#shared(peer);
      if (listener !== undefined) {
        this.#pool.openInAdvance();
        // While a listener was being opened, another session of the peer may have taken it.
        if (!listener.expectedFrom(peer)) return this.#expectAt(listener, { peerAddress, holder });
      } else if (!this.#reclaim(peer, holder)) {
        break;
      }
    }
    throw new DataConnectionError(
      this.#pool.isOutOfFiles
        ? 'The server has too many files open; try again shortly.'
        : 'Every passive port is in use by your address; try again shortly.',
    );
  }

  /** Closes all ports. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** A random port where a connection is expected, but not from the peer. */
  #shared(peer: string): PassiveListener | undefined {
    const suitable = [...this.#pool.listeners].filter((listener) => !listener.expectedFrom(peer));
    return suitable.length === 0 ? undefined : suitable[randomInt(suitable.length)];
  }

  /** Frees a port of the peer: one whose connection has come, or one beyond the share of its account. */
  #reclaim(peer: string, holder: number | undefined): boolean {
    const candidates = [...this.#pool.listeners].flatMap((one) => one.expectedFrom(peer) ?? []);
    if (candidates.some((expected) => expected.seal())) return true;
    const ended = connectionToGiveUp(candidates, { holder, nowMs: this.#now() });
    ended?.giveWay();
    return ended !== undefined;
  }

  #expectAt(
    listener: PassiveListener,
    client: { readonly peerAddress: string; readonly holder: number | undefined },
  ): ExpectedConnection {
    const { port } = listener;
    const peer = originOf(client.peerAddress);
    const expected = new ExpectedConnection({
      ...client,
      port,
      madeAtMs: this.#now(),
      isNoisy: () => this.#unexpected.isNoisy(peer),
      withdraw: (over) => this.#withdraw(over, listener, peer),
      onExtraConnection: () => this.#countUnexpected(peer, port),
    });
    listener.expect(peer, expected);
    return expected;
  }

  #withdraw(expected: ExpectedConnection, listener: PassiveListener, peer: string): void {
    listener.withdraw(peer, expected);
    this.#pool.release(listener);
  }

  #drop(connection: Socket, peer: string, port: number): void {
    connection.destroy();
    this.#countUnexpected(peer, port);
  }

  #countUnexpected(peer: string, port: number): void {
    const wasStorm = this.#unexpected.isStorm;
    this.#unexpected.count(peer, port);
    if (!wasStorm && this.#unexpected.isStorm) this.#pool.shutIdle();
  }
}
