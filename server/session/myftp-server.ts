import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { ControlPorts } from '../control/control-ports.ts';
import { formatReply, reply } from '../control/reply.ts';
import { FtpServer } from '../ftp-srv/internals.ts';
import type { TurnRequest } from '../scheduling/fair-turns.ts';
import { OpenFiles } from '../start/open-files.ts';
import { SECURE_EVENT } from '../system/node-internals.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';
import type { Session } from './session.ts';
import type { SessionServices } from './session-services.ts';

interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: Logger;
  /** Are listened on already. */
  readonly controlPorts: ControlPorts;
  readonly services: Pick<SessionServices, 'limits' | 'logs' | 'strangers' | 'tls' | 'turns'>;
}

/** Opens the session for a client that has just connected; with its TLS where that has begun already. */
export type SessionFactory = (socket: Socket, tls: ControlTls | undefined) => Session;

/** ftp-srv's server with sessions of its own: it accepts clients and knows who is connected. */
export class MyFtpServer extends FtpServer {
  readonly #openSession: SessionFactory;
  readonly #services: ListenerOptions['services'];
  readonly #sessions = new Set<Session>();
  readonly #controlPorts: ControlPorts;
  /** What accepts each client that has connected and has no session yet, oldest first. */
  readonly #arrivals = new Set<() => void>();
  readonly #requestTurn: TurnRequest;
  readonly #openFiles = new OpenFiles();

  constructor(options: ListenerOptions, openSession: SessionFactory) {
    const { host, port, log, services, controlPorts } = options;
    const signals = rememberSignalListeners();
    const urlHost = host.includes(':') ? `[${host}]` : host;
    super({ url: `ftp://${urlHost}:${port}`, pasv_url: host, log });
    signals.restore();
    this.#openSession = openSession;
    this.#services = services;
    this.#controlPorts = controlPorts;
    this.#requestTurn = services.turns.join(() => this.#acceptOne());
    this.server = controlPorts.plain;
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /**
   * Accepts clients, those first that have connected during the start. Takes the place of ftp-srv's
   * `listen`, whose URL parser cannot express every address.
   */
  override async listen(): Promise<string> {
    this.#controlPorts.accept({
      plain: (socket) => this.#arrive(socket, () => this.#accept(socket)),
      implicit: (socket) => this.#arrive(socket, () => this.#accept(socket, this.#services.tls)),
    });
    return 'Listening';
  }

  /** Called by a session whose control connection has closed. */
  left(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    delete this.connections[session.id];
    this.#services.limits.release(session.peerAddress);
    this.#services.strangers.remove(session);
  }

  /** Accepts nobody any more. */
  stopListening(): void {
    this.#controlPorts.close();
  }

  /** Takes the place of ftp-srv's `disconnectClient`, which leaves a timer running per client. */
  override async disconnectClient(id: string): Promise<void> {
    await this.connections[id]?.close(421, 'The server is shutting down.');
  }

  /** Takes the place of ftp-srv's `quit`, which ends the process; that is up to `main.ts`. */
  override async quit(): Promise<void> {
    await this.close();
  }

  /** A session costs more than a command: clients that connect in masses take turns with those that are there. */
  #arrive(socket: Socket, accept: () => void): void {
    socket.on('error', ignoreLoss);
    this.#arrivals.add(accept);
    this.#requestTurn();
  }

  #acceptOne(): void {
    const { value: accept } = this.#arrivals.values().next();
    if (accept === undefined) return;
    this.#arrivals.delete(accept);
    accept();
    if (this.#arrivals.size > 0) this.#requestTurn();
  }

  /** @param identity of the implicit port: the handshake comes before the greeting. */
  #accept(plain: Socket, identity?: TlsIdentity): void {
    const { remoteAddress: peer, remotePort: peerPort } = plain;
    // The client has gone before it could be greeted.
    if (peer === undefined) {
      plain.destroy();
      return;
    }
    // Once no file is left, the system accepts nobody, and the sessions that exist can transfer nothing.
    if (this.#openFiles.areShort) {
      this.#turnAway(plain, 'too many files open');
      return;
    }
    const admission = this.#admit(peer);
    if (admission !== 'admitted') {
      this.#turnAway(plain, admission);
      return;
    }
    const tls = identity?.newControlTls();
    const session = this.#openSession(tls === undefined ? plain : tls.secureControl(plain), tls);
    this.#sessions.add(session);
    this.#services.strangers.add(session);
    this.connections[session.id] = session;
    const facts = { session: session.id, peer, peerPort };
    this.#services.logs.connections.info(facts, 'client connected');
    // Octets that wait for the end of a handshake keep Node from sending the alert of one that fails. The event comes
    // before the session tickets, and Node 22 would send a greeting of that moment before them: wget misses them then.
    if (tls === undefined) greet(session);
    else session.commandSocket.once(SECURE_EVENT, () => setImmediate(() => greet(session)));
    session.commandSocket.resume();
  }

  #admit(peer: string): 'admitted' | 'server full' | 'address full' {
    const { limits, strangers } = this.#services;
    const admission = limits.admit(peer);
    if (admission !== 'admitted' || strangers.makeRoom(peer) === 'room') return admission;
    limits.release(peer);
    return 'server full';
  }

  #turnAway(socket: Socket, why: keyof typeof TURNED_AWAY): void {
    this.#services.logs.connections.warn({ peer: socket.remoteAddress, why }, 'client turned away');
    socket.end(formatReply(reply(421, TURNED_AWAY[why])), () => socket.destroySoon());
  }
}

const TURNED_AWAY = {
  'server full': 'The server has as many sessions as it may; try again later.',
  'address full': 'Your address has as many sessions as it may; close one first.',
  'too many files open': 'The server has too many files open; try again later.',
} as const;

function greet(session: Session): void {
  session.send(reply(220, 'MyFTP ready.'));
}

/** A client may leave before it has a session. */
function ignoreLoss(): void {}

const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/** ftp-srv's constructor listens for signals and offers no way to say no. */
function rememberSignalListeners(): { restore(): void } {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  return {
    restore() {
      for (const [signal, listeners] of before) {
        const added = process.listeners(signal).filter((one) => !listeners.includes(one));
        for (const listener of added) process.removeListener(signal, listener);
      }
    },
  };
}
