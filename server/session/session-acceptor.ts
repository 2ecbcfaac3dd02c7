import type { Socket } from 'node:net';
import { formatReply, reply } from '../contract/reply.ts';
import type { ControlPorts } from '../control/control-ports.ts';
import type { AccessRefusal } from '../guards/admission.ts';
import type { TurnRequest } from '../scheduling/fair-turns.ts';
import { SECURE_EVENT } from '../system/node-internals.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';
import type { AllSessionServices } from './all-session-services.ts';
import { OpenFiles } from './open-files.ts';
import { type Refusal, refusalReply } from './refusal-reply.ts';
import type { Session } from './session.ts';

const REFUSALS_LOGGED_EVERY_MS = 1000;

interface SessionAcceptorOptions {
  readonly controlPorts: ControlPorts;
  readonly services: Pick<
    AllSessionServices,
    'admission' | 'banGuard' | 'counts' | 'limits' | 'logs' | 'strangers' | 'tls' | 'turns'
  >;
  /** Opens the session of a client that has just connected; `tls` has begun already on the implicit port. */
  readonly openSession: (socket: Socket, tls: ControlTls | undefined) => Session;
}

/** Accepts clients within the limits of sessions, greets them and knows the sessions that are open. */
export class SessionAcceptor {
  readonly #options: SessionAcceptorOptions;
  readonly #sessions = new Set<Session>();
  /** Accepts each client that has connected and has no session yet, oldest first. */
  readonly #arrivals = new Set<() => void>();
  readonly #requestTurn: TurnRequest;
  readonly #openFiles = new OpenFiles();
  #refusalLoggedMs = Number.NEGATIVE_INFINITY;
  #unloggedRefusals = 0;
  /** Whether clients that connect are refused. */
  isDraining = false;

  constructor(options: SessionAcceptorOptions) {
    this.#options = options;
    this.#requestTurn = options.services.turns.join(() => this.#acceptOne());
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  start(): void {
    const { controlPorts, services } = this.#options;
    controlPorts.accept({
      plain: (socket) => this.#arrive(socket, () => this.#accept(socket)),
      implicit: (socket) => this.#arrive(socket, () => this.#accept(socket, services.tls)),
    });
  }

  /** Accepts no more clients; sessions go on. */
  stop(): void {
    this.#options.controlPorts.close();
  }

  /** A session costs more than a command: clients that connect in masses take turns with those that have sessions. */
  #arrive(socket: Socket, accept: () => void): void {
    socket.on('error', ignoreLoss);
    const { remoteAddress } = socket;
    const refusal = remoteAddress && this.#options.services.admission.refusalOf(remoteAddress);
    if (refusal) {
      this.#refuse(socket, refusal);
      return;
    }
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
    const { remoteAddress: peer } = plain;
    // The client has left before it could be greeted.
    if (peer === undefined) {
      plain.destroy();
      return;
    }
    const admission = this.#admit(peer);
    if (admission !== 'admitted') {
      this.#turnAway(plain, admission);
      return;
    }
    const tls = identity?.newControlTls();
    this.#open(plain, tls);
  }

  #open(plain: Socket, tls: ControlTls | undefined): void {
    const { openSession, services } = this.#options;
    const { remoteAddress: peer, remotePort: peerPort } = plain;
    const socket = tls === undefined ? plain : tls.secureControl(plain);
    const session = openSession(socket, tls);
    this.#sessions.add(session);
    services.counts.connections.accepted += 1;
    void session.closed.then(() => this.#closed(session));
    services.strangers.add(session);
    services.logs.connections.info({ session: session.id, peer, peerPort }, 'client connected');
    // Bytes that wait for the end of a handshake keep Node from sending the alert of one that fails. The event comes
    // before the session tickets, and Node 22 would send a greeting of that moment before them: wget misses them then.
    if (tls === undefined) greet(session);
    else socket.once(SECURE_EVENT, () => setImmediate(() => greet(session)));
    socket.resume();
  }

  #closed(session: Session): void {
    this.#sessions.delete(session);
    this.#options.services.limits.release(session.peerAddress);
    this.#options.services.strangers.remove(session);
  }

  #admit(peer: string): 'admitted' | Refusal {
    if (this.isDraining) return 'draining';
    // Without free descriptors the system accepts no client, and the sessions that exist can transfer nothing.
    if (this.#openFiles.areShort) return 'too many files open';
    const { limits, strangers } = this.#options.services;
    const admission = limits.admit(peer);
    if (admission !== 'admitted' || strangers.makeRoom(peer) === 'room') return admission;
    limits.release(peer);
    return 'server full';
  }

  #turnAway(socket: Socket, why: Refusal): void {
    const { counts, logs, banGuard, limits, strangers } = this.#options.services;
    const { remoteAddress: peer = '' } = socket;
    counts.connections.refused += 1;
    logs.connections.warn({ peer, why }, 'client turned away');
    // Where people are logged in, it is many of them behind one address, or one with many transfers.
    if (why === 'address full' && strangers.countOf(peer) === limits.countOf(peer))
      banGuard.report({ address: peer }, 'too many connections');
    socket.end(formatReply(refusalReply(why)), () => socket.destroySoon());
  }

  /** Costs next to nothing: no turn, no line in the log for each. */
  #refuse(socket: Socket, why: AccessRefusal): void {
    const { counts, logs } = this.#options.services;
    counts.connections.refused += 1;
    this.#unloggedRefusals += 1;
    const nowMs = performance.now();
    if (nowMs - this.#refusalLoggedMs >= REFUSALS_LOGGED_EVERY_MS) {
      const clients = this.#unloggedRefusals;
      logs.connections.warn({ peer: socket.remoteAddress, why, clients }, 'clients refused');
      this.#refusalLoggedMs = nowMs;
      this.#unloggedRefusals = 0;
    }
    socket.write(formatReply(refusalReply(why)));
    socket.destroySoon();
  }
}

function greet(session: Session): void {
  session.send(reply(220, 'MyFTP ready.'));
}

/** A client may leave before it has a session. */
function ignoreLoss(): void {}
