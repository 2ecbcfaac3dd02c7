import type { Socket } from 'node:net';
import { multilineReply, reply } from '../contract/reply.ts';
import type { InheritedHandlers } from '../contract/session-context.ts';
import type { Session } from '../session/session.ts';
import { FtpSrvFileSystem } from './ftp-srv-file-system.ts';
import { DEFAULT_TEXTS, FtpConnection, type ServerContract } from './internals.ts';
import { rememberListeners } from './remember-listeners.ts';

const SOCKET_EVENTS = ['data', 'error', 'timeout', 'close'];

/** ftp-srv's connection around a session: the session serves the client, ftp-srv's handlers answer what it leaves to them. */
export class FtpSrvConnection extends FtpConnection implements InheritedHandlers {
  readonly session: Session;

  constructor(
    server: ServerContract,
    socket: Socket,
    openSession: (inherited: InheritedHandlers) => Session,
  ) {
    // ftp-srv's listeners would run the commands, too, and log a client that leaves as a fault of the server.
    const removeAdded = rememberListeners(socket, SOCKET_EVENTS);
    super(server, { socket, log: server.log });
    removeAdded();
    this.session = openSession(this);
  }

  override get authenticated(): boolean {
    return this.session.isLoggedIn;
  }

  override get fs(): FtpSrvFileSystem | undefined {
    return this.session.isLoggedIn ? new FtpSrvFileSystem(this, this.session.files) : undefined;
  }

  async answer(verb: string): Promise<void> {
    await this.commands.handle({ directive: verb, arg: null, flags: [], raw: verb });
  }

  override async reply(code: number, ...lines: string[]): Promise<void> {
    const texts = lines.length > 0 ? lines : [DEFAULT_TEXTS[code] ?? ''];
    this.session.send(multilineReply(code, texts));
  }

  override async close(code = 421, message = 'Closing the control connection.'): Promise<void> {
    this.session.end(code === 0 ? undefined : reply(code, message));
  }
}
