import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { originOf } from '../accounts/login-throttle.ts';
import { DataConnectionError } from '../errors.ts';
import { errnoOf, isOutOfFiles } from '../files/disk-errors.ts';
import { Mutex } from '../files/mutex.ts';
import { StartError } from '../start-error.ts';
import { Invitation } from './invitation.ts';

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

interface PassivePortsOptions {
  /** The address that the control connections are accepted on. */
  readonly host: string;
  /** Undefined: the system chooses the ports. */
  readonly range: PortRange | undefined;
  readonly log: Logger;
  readonly now: () => number;
}

interface Listener {
  readonly port: number;
  readonly server: Server;
  /** Who is expected here, by address or IPv6 /64. */
  readonly invitations: Map<string, Invitation>;
}

const MAX_LISTENERS = 1024;

const PORTS_AT_LEAST = 16;

/** An invitation that nobody has taken up for so long may give way to one that somebody wants now. */
const STALE_AFTER_MS = 30_000;

/** Failures that another port does not have; others, such as too many open files, pass. */
const OF_THE_PORT = new Set(['EADDRINUSE', 'EACCES']);

/** How often to look for a port anew when others of the same address are quicker. */
const ATTEMPTS = 64;

/**
 * The passive ports of the whole server. Listeners stay open, and all sessions share them: a connection
 * belongs to who was invited to its port from its address, and others are dropped. So a range serves as
 * many clients at once as there are addresses times ports.
 */
export class PassivePorts {
  readonly #host: string;
  readonly #range: PortRange | undefined;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #listeners = new Map<number, Listener>();
  /** The same, to pick from at random. */
  readonly #open: Listener[] = [];
  /** Ports of the range that some other program holds. */
  readonly #unusable = new Set<number>();
  /** One at a time, or sessions would take each other's listeners for those of other programs. */
  readonly #opening = new Mutex();

  constructor({ host, range, log, now }: PassivePortsOptions) {
    this.#host = host;
    this.#range = range;
    this.#log = log;
    this.#now = now;
  }

  /**
   * Opens the first port, so that a host or range that cannot work is found at the start.
   *
   * @throws the system's error if no port can be opened.
   */
  async open(): Promise<void> {
    if ((await this.#openAnother()) === undefined) {
      const { first, last } = this.#range ?? { first: 0, last: 0 };
      throw new StartError(
        `--pasv-range ${first}-${last}: every port of the range is in use by other programs.`,
        { exitCode: 75 },
      );
    }
  }

  /**
   * Invites a peer to open a data connection.
   *
   * @throws DataConnectionError if the peer's address uses every port already.
   */
  async expect(peerAddress: string): Promise<Invitation> {
    const peer = originOf(peerAddress);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const listener =
        this.#pick(peer) ??
        (await this.#opening.run(() => this.#openAnother()).catch(asRefusal)) ??
        this.#pick(peer) ??
        this.#reclaim(peer);
      if (listener === undefined) break;
      // While a listener was being opened, another session of the peer may have taken it.
      if (!listener.invitations.has(peer)) return this.#invite(listener, peer);
    }
    throw new DataConnectionError(
      'Every passive port is in use by your address; try again shortly.',
    );
  }

  /** Closes all ports. */
  async close(): Promise<void> {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    this.#open.length = 0;
    await Promise.all(
      listeners.map(({ server, invitations }) => {
        for (const invitation of [...invitations.values()]) invitation.cancel();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  /** One of the open ports that are free for the peer, at random; undefined if it is time for a new one. */
  #pick(peer: string): Listener | undefined {
    if (this.#open.length < this.#portsWanted()) return undefined;
    const at = randomInt(this.#open.length);
    for (let step = 0; step < this.#open.length; step += 1) {
      const listener = this.#open[(at + step) % this.#open.length];
      if (listener !== undefined && !listener.invitations.has(peer)) return listener;
    }
    return undefined;
  }

  /** So many ports are to be open before any is used again: few ports are easily guessed. */
  #portsWanted(): number {
    if (this.#range === undefined) return PORTS_AT_LEAST;
    const { first, last } = this.#range;
    return Math.min(PORTS_AT_LEAST, last - first + 1 - this.#unusable.size);
  }

  /** Opens one more port: the system's choice, or one of the range at random. */
  async #openAnother(): Promise<Listener | undefined> {
    if (this.#listeners.size >= MAX_LISTENERS) return undefined;
    if (this.#range === undefined) return this.#listen(0);
    const { first, last } = this.#range;
    const size = last - first + 1;
    const from = randomInt(size);
    for (let step = 0; step < size; step += 1) {
      const port = first + ((from + step) % size);
      if (this.#listeners.has(port) || this.#unusable.has(port)) continue;
      try {
        return await this.#listen(port);
      } catch (error) {
        this.#log.warn({ err: error, port }, 'a port of the passive range cannot be used');
        if (isOutOfFiles(error)) throw error;
        if (!OF_THE_PORT.has(errnoOf(error))) return undefined;
        this.#unusable.add(port);
      }
    }
    return undefined;
  }

  /** Takes back the port of the peer's oldest invitation, if nobody seems to want that any more. */
  #reclaim(peer: string): Listener | undefined {
    let oldest: { listener: Listener; invitation: Invitation } | undefined;
    for (const listener of this.#listeners.values()) {
      const invitation = listener.invitations.get(peer);
      if (invitation === undefined) continue;
      if (oldest === undefined || invitation.madeAtMs < oldest.invitation.madeAtMs) {
        oldest = { listener, invitation };
      }
    }
    if (oldest === undefined || this.#now() - oldest.invitation.madeAtMs < STALE_AFTER_MS) {
      return undefined;
    }
    oldest.invitation.cancel();
    return oldest.listener;
  }

  #invite({ port, invitations }: Listener, peer: string): Invitation {
    const invitation = new Invitation({
      port,
      madeAtMs: this.#now(),
      withdraw: (over) => {
        if (invitations.get(peer) === over) invitations.delete(peer);
      },
    });
    invitations.set(peer, invitation);
    return invitation;
  }

  async #listen(port: number): Promise<Listener> {
    const server = createServer({ pauseOnConnect: true });
    server.listen({ host: this.#host, port, backlog: 511 });
    await once(server, 'listening');
    const listener = {
      port: (server.address() as AddressInfo).port,
      server,
      invitations: new Map<string, Invitation>(),
    };
    server.on('connection', (connection) => this.#accept(listener, connection));
    server.on('error', (error) => this.#log.error({ err: error, port }, 'passive port failed'));
    this.#listeners.set(listener.port, listener);
    this.#open.push(listener);
    return listener;
  }

  #accept({ invitations, port }: Listener, connection: Socket): void {
    connection.on('error', ignoreLoss);
    const peer = originOf(connection.remoteAddress ?? '');
    const invitation = invitations.get(peer);
    if (invitation === undefined) {
      this.#log.warn({ peer, port }, 'dropped a data connection that nobody expects');
      connection.destroy();
      return;
    }
    invitation.accept(connection);
  }
}

/** @throws DataConnectionError if the process has too many files open, else the error itself. */
function asRefusal(error: unknown): never {
  if (!isOutOfFiles(error)) throw error;
  throw new DataConnectionError('The server has too many files open; try again shortly.');
}

/** Transfers learn of a lost connection from their reads and writes. */
function ignoreLoss(): void {}
