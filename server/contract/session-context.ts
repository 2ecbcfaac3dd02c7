import type { Logger } from 'pino';
import type { Account } from '../accounts/accounts.ts';
import type { DataChannel, FinalReply } from '../data/data-channel.ts';
import type { DataConnector } from '../data/data-connector.ts';
import type { Pacing } from '../data/pacer.ts';
import type { Transfer, TransferDescription } from '../data/transfer.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { SessionFiles } from '../files/session-files.ts';
import type { Offence } from '../guards/offences.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import type { OnAbort } from '../uploads/room-wait.ts';
import type { Reply } from './reply.ts';
import type { SessionServices } from './session-services.ts';
import type { NextTransfer, TransferParameters } from './transfer-parameters.ts';

/** The control connection as commands and transfers see it. */
export interface ControlConnection {
  /** Address that the client has connected to. */
  readonly localAddress: string;
  /** Sends a part of a long reply, and waits until a slow client has read most of what it was sent. */
  sendText(text: string | Uint8Array): Promise<void>;
  /** Holds what is sent back until the command has ended, so that it goes out in one piece. */
  cork(): void;
}

/** The session as commands and transfers see it. */
export interface SessionContext {
  readonly id: string;
  readonly log: Logger;
  readonly control: ControlConnection;
  readonly peerAddress: string;
  readonly services: SessionServices;
  readonly login: LoginCommands;
  readonly transfers: TransferRunner;
  /** Handlers of ftp-srv that still answer. */
  readonly inherited: InheritedHandlers;

  readonly isLoggedIn: boolean;
  readonly account: Account | undefined;
  /** Name of the last login; kept after it, for logs. */
  readonly username: string | undefined;
  /** How the client has named itself (CLNT). */
  clientName: string | undefined;
  /** The account's files. @throws NotLoggedInError before login. */
  readonly files: SessionFiles;
  /** Whether an upload is kept as a partial or published when its client has left. */
  readonly cutUploads: 'keep' | 'publish';

  readonly parameters: TransferParameters;
  /** What REST, RANG, ALLO, SITE EXPECT and SITE MODIFIED have set. A command that transfers takes it with `takeNext`. */
  readonly next: NextTransfer;
  /** Returns `next` and clears it. */
  takeNext(): NextTransfer;
  /** All parameters as at the start of the session (REIN). A new USER keeps them (RFC 959 §4.1.1). */
  resetParameters(): void;

  /** Rates of the login; undefined before it. */
  readonly pacing: Pacing | undefined;
  /** The transfer that is running. */
  readonly transferring: Transfer | undefined;
  /** Whether the client can still send: a client that has left may have cut its upload. */
  readonly isClientConnected: boolean;
  /** Whether commands have been read that are looked at during a transfer: QUIT may be one of them. */
  readonly hasUnseenCommands: boolean;
  /** Runs long work that moves no data, so that ABOR can end it. */
  abortable<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** The same for work that is usually short: a callback reports an abort, which costs less than a signal. */
  interruptible<Result>(work: (onAbort: OnAbort) => Promise<Result>): Promise<Result>;

  /**
   * Keeps the first half of a pair until its second half, another first half or the end of the login. Other commands
   * may come between: clients send NOOP at any time, and ask for SIZE or set TYPE before RNTO.
   */
  setPending(pending: Pending): void;
  dropPending(): void;
  takePending<Verb extends Pending['verb']>(
    verb: Verb,
  ): Extract<Pending, { verb: Verb }> | undefined;

  /** TLS of the control connection, once AUTH has begun it. */
  readonly tls: ControlTls | undefined;
  /** Encrypts the control connection; `answer` is the last reply in clear. */
  startTls(tls: ControlTls, answer: Reply): void;

  /** The client does what no client of good will does. Counts until it has logged in. */
  offend(offence: Offence): void;

  send(answer: Reply): void;
  /** Sends a last reply, if there is one, and ends the session with everything that it runs. */
  end(answer?: Reply): void;
  /** Ends the session as soon as nothing runs; commands that wait are dropped. */
  endWhenDone(answer?: Reply): void;
}

/** The first half of a pair of commands, which waits for its second half. */
export type Pending =
  | { readonly verb: 'RNTO'; readonly from: VirtualPath }
  | { readonly verb: 'PASS'; readonly answer: (password: string) => Promise<Reply> };

/** Login, sign-up and change of password. */
export interface LoginCommands {
  user(username: string): Reply;
  pass(password: string): Promise<Reply>;
  signUp(username: string, invite: string | undefined): Promise<Reply>;
  changePassword(account: Account): Reply;
  /** Ends the login. */
  reset(): void;
}

/** Moves the data of a transfer over the data connection. */
export type Move = (channel: DataChannel, transfer: Transfer) => Promise<void>;

export interface TransferRequest extends TransferDescription {
  /** Text of reply 150. */
  readonly openingText: string;
  /** The system takes all data in one write. */
  readonly isBrief?: boolean;
  readonly finalReply?: FinalReply;
}

/** Data connections and transfers of a session, one at a time (server-DTP). */
export interface TransferRunner {
  /** Opens a passive port for the next data connection. @returns the port. */
  listen(): Promise<number>;
  /** Sets how the next data connection is opened, in place of the one before. */
  setConnector(connector: DataConnector): void;
  /** Ends the data connection that was set up and not used, so that its port is free. */
  dropConnector(): void;
  /** Ends the data connection in MODE B, used or not; the next transfer needs another one. */
  dropBlocks(): void;
  run(request: TransferRequest, move: Move): Promise<void>;
}

/** Handlers of ftp-srv. */
export interface InheritedHandlers {
  /** Lets ftp-srv answer a command that has no argument. */
  answer(verb: string): Promise<void>;
}
