import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { formatReply, reply } from './control/reply.ts';
import { FtpServer } from './ftp-srv-internals.ts';
import type { Session } from './session.ts';
import type { SessionServices } from './session-services.ts';

interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: Logger;
  readonly services: Pick<SessionServices, 'limits' | 'logs'>;
}

/** Opens the session for a client that has just connected. */
export type SessionFactory = (server: MyFtpServer, socket: Socket) => Session;

/** ftp-srv's server with sessions of its own: it accepts clients and knows who is connected. */
export class MyFtpServer extends FtpServer {
  readonly #openSession: SessionFactory;
  readonly #services: ListenerOptions['services'];
  readonly #sessions = new Set<Session>();
  readonly #listening: { readonly host: string; readonly port: number };

  constructor({ host, port, log, services }: ListenerOptions, openSession: SessionFactory) {
    const signals = rememberSignalListeners();
    const urlHost = host.includes(':') ? `[${host}]` : host;
    super({ url: `ftp://${urlHost}:${port}`, pasv_url: host, log });
    signals.restore();
    this.#openSession = openSession;
    this.#services = services;
    this.#listening = { host, port };
    this.server = this.#createControlListener();
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /** Takes the place of ftp-srv's, whose URL parser cannot express every address. */
  override async listen(): Promise<string> {
    this.server.listen(this.#listening);
    await once(this.server, 'listening');
    this.server.on('error', (error) => this.log.error({ err: error }, 'listener failed'));
    return 'Listening';
  }

  /** Called by a session whose control connection has closed. */
  left(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    delete this.connections[session.id];
    this.#services.limits.release(session.peerAddress);
  }

  /** Accepts nobody any more. */
  stopListening(): void {
    if (this.server.listening) this.server.close();
  }

  /** Takes the place of ftp-srv's `disconnectClient`, which leaves a timer running per client. */
  override async disconnectClient(id: string): Promise<void> {
    await this.connections[id]?.close(421, 'The server is shutting down.');
  }

  /** Takes the place of ftp-srv's `quit`, which ends the process; that is up to `main.ts`. */
  override async quit(): Promise<void> {
    await this.close();
  }

  #createControlListener(): Server {
    // Half-open: a client that has sent all of its commands still gets its replies.
    const listener = createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true });
    listener.on('connection', (socket) => this.#accept(socket));
    return listener;
  }

  #accept(socket: Socket): void {
    const peer = socket.remoteAddress;
    // The client has gone before it could be greeted.
    if (peer === undefined) {
      socket.destroy();
      return;
    }
    const admission = this.#services.limits.admit(peer);
    if (admission !== 'admitted') {
      this.#turnAway(socket, admission);
      return;
    }
    const session = this.#openSession(this, socket);
    this.#sessions.add(session);
    this.connections[session.id] = session;
    const facts = { session: session.id, peer, peerPort: socket.remotePort };
    this.#services.logs.connections.info(facts, 'client connected');
    session.send(reply(220, 'MyFTP ready.'));
  }

  #turnAway(socket: Socket, why: 'server full' | 'address full'): void {
    const text =
      why === 'server full'
        ? 'The server has as many sessions as it may; try again later.'
        : 'Your address has as many sessions as it may; close one first.';
    this.#services.logs.connections.warn({ peer: socket.remoteAddress, why }, 'client turned away');
    socket.on('error', () => {});
    socket.end(formatReply(reply(421, text)), () => socket.destroySoon());
  }
}

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
