/**
 * Everything MyFTP uses of ftp-srv that the package does not publish.
 *
 * ftp-srv exports the server and the file system; the session, its dispatcher and the data
 * connector are reachable by deep path only, and its typings leave out most members. This is the
 * one module that imports ftp-srv, and the build bundles ftp-srv into it. The contracts name only
 * the members that MyFTP reads, overrides or replaces; `internals.test.ts` checks them
 * against the pinned version.
 */
import type { EventEmitter } from 'node:events';
import type { Server, Socket } from 'node:net';
import { FileSystem, FtpSrv } from 'ftp-srv';
// @ts-expect-error -- ftp-srv ships no types for this path; see DispatcherContract.
import commands from 'ftp-srv/src/commands/index.js';
// @ts-expect-error -- ftp-srv ships no types for this path; see ConnectionContract.
import connection from 'ftp-srv/src/connection.js';
// @ts-expect-error -- ftp-srv ships no types for this path; see DEFAULT_TEXTS.
import texts from 'ftp-srv/src/messages.js';
import type { Logger } from 'pino';

export { FileSystem };

export const FTP_SRV_VERSION = '4.6.3';

interface ServerOptions {
  /** `ftp://host:port`; TLS is MyFTP's own, so the scheme is always `ftp`. */
  readonly url: string;
  /** MyFTP answers PASV itself; without this `listen` warns that passive mode is off. */
  readonly pasv_url: string;
  readonly log: Logger;
}

export declare class ServerContract extends EventEmitter {
  constructor(options: ServerOptions);
  /** Bound by `listen()`, closed by `close()`. */
  server: Server;
  readonly connections: Record<string, ConnectionContract>;
  readonly log: Logger;
  listen(): PromiseLike<string>;
  close(): PromiseLike<void>;
  quit(): PromiseLike<void>;
  disconnectClient(id: string): PromiseLike<unknown>;
}

export declare class ConnectionContract extends EventEmitter {
  constructor(server: ServerContract, options: { log: Logger; socket: Socket });
  commands: DispatcherContract;
  /** Files of the login; ftp-srv sets them in `login`, which MyFTP does not call. */
  get fs(): FileSystem | undefined;
  get authenticated(): boolean;
  reply(code: number, ...lines: string[]): PromiseLike<void>;
  close(code?: number, message?: string): PromiseLike<unknown>;
}

/** A parsed command in the form that ftp-srv's own handlers take. */
interface ParsedCommand {
  readonly directive: string;
  readonly arg: string | null;
  readonly flags: readonly string[];
  readonly raw: string;
}

declare class DispatcherContract {
  constructor(connection: ConnectionContract);
  handle(command: ParsedCommand | string): PromiseLike<unknown>;
}

export const FtpServer = FtpSrv as unknown as typeof ServerContract;
export const FtpConnection = connection as typeof ConnectionContract;
export const FtpCommands = commands as typeof DispatcherContract;
/** Texts of ftp-srv's handlers that give only a code. */
export const DEFAULT_TEXTS = texts as Readonly<Record<number, string | undefined>>;
