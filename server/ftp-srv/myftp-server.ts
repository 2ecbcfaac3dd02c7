import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { InheritedHandlers } from '../contract/session-context.ts';
import type { ControlPorts } from '../control/control-ports.ts';
import type { AllSessionServices } from '../session/all-session-services.ts';
import type { Session } from '../session/session.ts';
import { SessionAcceptor } from '../session/session-acceptor.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import { FtpSrvConnection } from './ftp-srv-connection.ts';
import { FtpServer } from './internals.ts';
import { rememberListeners } from './remember-listeners.ts';

interface MyFtpServerOptions {
  readonly host: string;
  readonly log: Logger;
  readonly controlPorts: ControlPorts;
  readonly services: AllSessionServices;
  readonly newSession: (
    socket: Socket,
    options: { readonly tls: ControlTls | undefined; readonly inherited: InheritedHandlers },
  ) => Session;
}

/** ftp-srv's server with our sessions. */
export class MyFtpServer extends FtpServer {
  readonly #acceptor: SessionAcceptor;

  constructor({ host, log, controlPorts, services, newSession }: MyFtpServerOptions) {
    // ftp-srv listens for signals and has no option against it.
    const removeAdded = rememberListeners(process, ['SIGINT', 'SIGQUIT', 'SIGTERM']);
    const urlHost = host.includes(':') ? `[${host}]` : host;
    super({ url: `ftp://${urlHost}:${controlPorts.port}`, pasv_url: host, log });
    removeAdded();
    this.server = controlPorts.plain;
    this.#acceptor = new SessionAcceptor({
      controlPorts,
      services,
      openSession: (socket, tls) =>
        this.#open(socket, (inherited) => newSession(socket, { tls, inherited })),
    });
  }

  get sessions(): ReadonlySet<Session> {
    return this.#acceptor.sessions;
  }

  get isDraining(): boolean {
    return this.#acceptor.isDraining;
  }

  /** Whether clients that connect are refused. Sessions go on. */
  drain(state: 'on' | 'off'): void {
    this.#acceptor.isDraining = state === 'on';
  }

  /** Accepts clients, first those that have connected during the start. ftp-srv's `listen` cannot express every address. */
  override async listen(): Promise<string> {
    this.#acceptor.start();
    return 'Listening';
  }

  /** Accepts no more clients. */
  stopListening(): void {
    this.#acceptor.stop();
  }

  /** ftp-srv's `disconnectClient` leaves a timer running for each client. */
  override async disconnectClient(id: string): Promise<void> {
    await this.connections[id]?.close(421, 'The server is shutting down.');
  }

  /** ftp-srv's `quit` ends the process, which is for `main.ts` to do. */
  override async quit(): Promise<void> {
    await this.close();
  }

  #open(socket: Socket, openSession: (inherited: InheritedHandlers) => Session): Session {
    const connection = new FtpSrvConnection(this, socket, openSession);
    const { session } = connection;
    this.connections[session.id] = connection;
    void session.closed.then(() => delete this.connections[session.id]);
    return session;
  }
}
