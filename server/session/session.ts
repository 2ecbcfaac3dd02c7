import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Account } from '../accounts/accounts.ts';
import type { ChecksumAlgorithm } from '../checksums/checksum.ts';
import { CommandDispatcher, type CommandTable } from '../control/command-dispatcher.ts';
import { type LineDecoding, verbOf } from '../control/command-line.ts';
import { CommandQueue } from '../control/command-queue.ts';
import { IdleTimer } from '../control/idle-timer.ts';
import type { ReceivedLine } from '../control/line-buffer.ts';
import { formatReply, multilineReply, type Reply, reply } from '../control/reply.ts';
import { withoutTelnet } from '../control/telnet.ts';
import { upgradeToTls } from '../control/tls-upgrade.ts';
import { plainAddress } from '../data/addresses.ts';
import { DataConnector } from '../data/data-connector.ts';
import { PassiveHabits } from '../data/passive-habits.ts';
import { Transfer } from '../data/transfer.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import {
  NotLoggedInError,
  ParameterNotSupportedError,
  TransferAbortedError,
} from '../errors/errors.ts';
import type { UserFileSystem } from '../files/user-file-system.ts';
import { DEFAULT_TEXTS, FtpConnection } from '../ftp-srv/internals.ts';
import type { MachineFact } from '../listing/machine-facts.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import { SessionTransfers } from '../transfer/session-transfers.ts';
import type { UploadExpectation } from '../transfer/upload-expectation.ts';
import type { OnAbort } from '../uploads/room-wait.ts';
import { LoginDialogue } from './login-dialogue.ts';
import type { MyFtpServer } from './myftp-server.ts';
import type { SessionServices } from './session-services.ts';

/** The first half of a pair of commands, which waits for its second. */
export type Pending =
  | { readonly verb: 'RNTO'; readonly from: VirtualPath }
  | { readonly verb: 'PASS'; readonly answer: (password: string) => Promise<Reply> };

/** Work that takes a while and that ABOR ends. */
interface Abortable {
  abort(reason: Error): void;
}

/** How long a client may take to receive the last reply and to close its side. */
const LINGER_MS = 2000;

/** Octets that are read and dropped meanwhile. */
const MAX_DROPPED_BYTES = 256 * 1024;

/** QUIT waits for a transfer that stands still for this part of the idle timeout: 30 s of the usual five minutes. */
const QUIT_WAITS_OF_IDLE = 10;

/** One client, from its connection to its end (server-PI). */
export class Session extends FtpConnection {
  declare commands: CommandDispatcher;
  readonly services: SessionServices;
  readonly dialogue: LoginDialogue;
  readonly transfers: SessionTransfers;
  readonly passiveHabits = new PassiveHabits();
  readonly #queue: CommandQueue;
  readonly #timer: IdleTimer;
  readonly #server: MyFtpServer;
  /** Kept, because a socket forgets it when it closes. */
  readonly peerAddress: string;
  /** Resolves when nothing of the session is left. */
  readonly closed: Promise<void>;
  #resolveClosed: () => void = () => {};
  /** Of the control connection, if it is encrypted. */
  #tls: ControlTls | undefined;
  readonly #startedMs: number;
  #account: Account | undefined;
  #files: UserFileSystem | undefined;
  #running: Abortable | undefined;
  /** Chunks of the control connection that were read before what is running began. */
  #chunksBeforeTransfer = 0;
  /** Runs while QUIT waits for a transfer. */
  #quitTimer: NodeJS.Timeout | undefined;
  #pending: Pending | undefined;
  #state: 'open' | 'half-closed' | 'ending' = 'open';

  /** Parameters of transfers, as TYPE, MODE, REST, RANG, OPTS and EPSV ALL set them. */
  type: 'A' | 'I' = 'A';
  mode: 'S' | 'B' = 'S';
  /** Whether REST came before the next transfer, be it `REST 0`. */
  hasSentRest = false;
  range: { readonly firstBytes: number; readonly lastBytes: number } | undefined;
  hashAlgorithm: ChecksumAlgorithm = 'SHA-256';
  machineFacts: readonly MachineFact[] | undefined;
  isExtendedPassiveOnly = false;
  /** How long ALLO has said that the next upload will be, at least. */
  declaredBytes: number | undefined;
  /** What SITE EXPECT has said that the next upload will be. */
  expectation: UploadExpectation | undefined;
  /** Whether the replies that end transfers of files carry a receipt, as OPTS RECEIPT sets it. */
  wantsReceipts = false;

  /** Whether data connections are encrypted, as PROT sets it (RFC 4217 §9). */
  protection: 'C' | 'P' = 'C';

  constructor(
    server: MyFtpServer,
    socket: Socket,
    parts: {
      readonly services: SessionServices;
      readonly table: CommandTable;
      readonly decoding: LineDecoding;
      /** Of the TLS socket that `socket` is, if the client came to the implicit port. */
      readonly tls?: ControlTls | undefined;
    },
  ) {
    super(server, { socket, log: parts.services.logs.server });
    this.#server = server;
    this.services = parts.services;
    const { settings, now, logs } = this.services;
    this.id = randomBytes(6).toString('base64url');
    this.log = logs.server.child({ session: this.id });
    this.peerAddress = plainAddress(socket.remoteAddress ?? '');
    this.#startedMs = now();
    this.commands = new CommandDispatcher(this, parts.table, parts.decoding);
    this.dialogue = new LoginDialogue(this);
    this.transfers = new SessionTransfers(this, {
      begun: (transfer) => this.#begin(transfer),
      progressed: () => {
        this.#timer.touch();
        this.#quitTimer?.refresh();
      },
      ended: () => {
        this.#running = undefined;
        clearTimeout(this.#quitTimer);
        this.#quitTimer = undefined;
        this.#timer.touch();
      },
    });
    this.#queue = new CommandQueue({
      turns: this.services.turns,
      run: (line) => this.#runOne(line),
      looksAhead: () => this.#running !== undefined,
      overtake: (line) => this.#overtakes(line),
      pause: () => this.commandSocket.pause(),
      resume: () => this.commandSocket.resume(),
    });
    this.#timer = new IdleTimer({
      now,
      loginTimeoutMs: settings.loginTimeoutMs,
      idleTimeoutMs: settings.idleTimeoutMs,
      isAtWork: () => this.#running !== undefined && !(this.#running instanceof Transfer),
      onExpired: (text) => this.end(reply(421, text)),
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (parts.tls !== undefined) this.#tlsStarted(parts.tls);
    this.#watch(socket);
  }

  get isLoggedIn(): boolean {
    return this.#account !== undefined;
  }

  get account(): Account | undefined {
    return this.#account;
  }

  /** What becomes of uploads whose client left. */
  get cutUploads(): 'keep' | 'publish' {
    return this.#account?.cutUploads ?? this.services.settings.cutUploads;
  }

  /** The account's files. @throws NotLoggedInError before login. */
  get files(): UserFileSystem {
    if (this.#files === undefined) throw new NotLoggedInError('Please log in with USER and PASS.');
    return this.#files;
  }

  get tls(): ControlTls | undefined {
    return this.#tls;
  }

  /** The transfer that is running. */
  get transferring(): Transfer | undefined {
    return this.#running instanceof Transfer ? this.#running : undefined;
  }

  /** Whether the client still is there: an upload that its client did not see the end of may be cut. */
  get isClientThere(): boolean {
    return this.#state === 'open' && !this.commandSocket.destroyed;
  }

  /** Whether commands have been read that will be looked at during a transfer: QUIT may be one of them. */
  get hasUnseenCommands(): boolean {
    return this.#queue.isLookingAhead;
  }

  /** Sends a reply, in one write. */
  send(answer: Reply): void {
    const { commandSocket } = this;
    if (commandSocket.writable) commandSocket.write(formatReply(answer));
  }

  /** Sends a part of a long reply, and waits until a slow client has read most of what it was sent. */
  async sendText(text: string | Uint8Array): Promise<void> {
    const { commandSocket } = this;
    if (!commandSocket.writable) throw new TransferAbortedError('The control connection was lost.');
    commandSocket.write(text);
    if (commandSocket.writableNeedDrain) await this.#drained();
  }

  /**
   * Keeps the first half of a pair until its second, another first half or the end of the login. Other commands
   * may come between: clients send NOOP at any time, and ask for SIZE or set TYPE before RNTO.
   */
  setPending(pending: Pending): void {
    this.#pending = pending;
  }

  /** Forgets the first half of a pair: another one begins. */
  dropPending(): void {
    this.#pending = undefined;
  }

  takePending<Verb extends Pending['verb']>(
    verb: Verb,
  ): Extract<Pending, { verb: Verb }> | undefined {
    if (this.#pending?.verb !== verb) return undefined;
    const pending = this.#pending as Extract<Pending, { verb: Verb }>;
    this.#pending = undefined;
    return pending;
  }

  /** The offset that REST has set, for the one transfer that follows. */
  takeRestartMarker(): number {
    const offsetBytes = this.restByteCount ?? 0;
    this.restByteCount = 0;
    this.hasSentRest = false;
    return offsetBytes;
  }

  /**
   * The same, for a transfer that begins there.
   *
   * @throws ParameterNotSupportedError in TYPE A, where octets on disk and on the way are not the same, and
   *   in MODE B, whose markers are others (RFC 959 §3.5).
   */
  takeTransferOffset(): number {
    const offsetBytes = this.takeRestartMarker();
    if (offsetBytes > 0 && (this.type === 'A' || this.mode === 'B')) {
      throw new ParameterNotSupportedError('Transfers can be restarted in TYPE I and MODE S only.');
    }
    return offsetBytes;
  }

  enter(account: Account, files: UserFileSystem): void {
    this.leave();
    this.services.strangers.remove(this);
    this.#account = account;
    this.#files = files;
    this.username = account.username;
    // ftp-srv's own handlers look at these.
    this.authenticated = true;
    this.fs = files;
    this.#timer.loggedIn('in');
  }

  /** Back to the state before login (REIN, a new USER). */
  leave(): void {
    if (this.#account !== undefined) {
      this.services.limits.leave(this.#account.id);
      if (this.#state !== 'ending') this.services.strangers.add(this);
    }
    this.#files?.close();
    this.#files = undefined;
    this.#account = undefined;
    this.authenticated = false;
    this.fs = undefined;
    this.#pending = undefined;
    this.takeRestartMarker();
    this.range = undefined;
    this.declaredBytes = undefined;
    this.expectation = undefined;
    this.dropConnector();
    this.#timer.loggedIn('out');
  }

  /** All parameters of transfers as they are at the beginning (REIN). A new USER leaves them (RFC 959 §4.1.1). */
  resetParameters(): void {
    this.type = 'A';
    this.mode = 'S';
    this.hashAlgorithm = 'SHA-256';
    this.machineFacts = undefined;
    this.isExtendedPassiveOnly = false;
    this.wantsReceipts = false;
    this.protection = 'C';
  }

  /** Sets the way in which the next data connection comes about, in place of the one before. */
  setConnector(connector: DataConnector): void {
    this.dropConnector();
    this.connector = connector;
  }

  /** Ends the data connection that has been set up and not been used, so that its port is free. */
  dropConnector(): void {
    if (this.connector instanceof DataConnector) this.connector.end();
  }

  /**
   * Encrypts the control connection; `answer` is the last reply in clear. Whatever was agreed on in clear is
   * forgotten. Octets that follow AUTH in clear were put there by somebody else: they end the session.
   */
  startTls(tls: ControlTls, answer: Reply): void {
    if (this.#queue.hasArrived) {
      this.log.warn({ peer: this.peerAddress }, 'octets in clear behind AUTH');
      this.end();
      return;
    }
    this.dialogue.reset();
    this.resetParameters();
    this.send(answer);
    this.commandSocket = upgradeToTls(this.commandSocket, tls);
    this.commandSocket.on('data', (chunk: Buffer) => this._handleData(chunk));
    this.#tlsStarted(tls);
    this.#watch(this.commandSocket);
  }

  #tlsStarted(tls: ControlTls): void {
    this.#tls = tls;
    this.secure = true;
  }

  /** Runs long work that moves no data, so that ABOR can end it. */
  abortable<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return this.interruptible((onAbort) => {
      const controller = new AbortController();
      onAbort((reason) => controller.abort(reason));
      return work(controller.signal);
    });
  }

  /** The same for work that rarely takes long: it learns of an abort by a callback, which costs less than a signal. */
  async interruptible<Result>(work: (onAbort: OnAbort) => Promise<Result>): Promise<Result> {
    let aborted: Error | undefined;
    let tell: ((reason: Error) => void) | undefined;
    try {
      this.#begin({
        abort(reason) {
          aborted ??= reason;
          tell?.(reason);
        },
      });
      if (aborted !== undefined) throw aborted;
      return await work((callback) => {
        tell = callback;
      });
    } finally {
      this.#running = undefined;
    }
  }

  /** Says a last word, if there is one, and ends the session with all that it has running. */
  end(answer?: Reply): void {
    const isEnding = this.#state === 'ending';
    this.#state = 'ending';
    this.#queue.close();
    // Also one that has outlived its control connection.
    this.#running?.abort(new TransferAbortedError('The session is ending.'));
    if (isEnding) return;
    if (answer !== undefined) this.send(answer);
    // What the client still sends is read and dropped: if it were left unread, the system would reset the
    // connection, and the client could lose the last replies.
    this.commandSocket.end();
    this.#dropRest();
    const lingering = setTimeout(() => this.commandSocket.destroy(), LINGER_MS).unref();
    this.commandSocket.once('close', () => clearTimeout(lingering));
  }

  /** Only so much: reading what a client sends without end would cost others their time. */
  #dropRest(): void {
    const { commandSocket } = this;
    let droppedBytes = 0;
    commandSocket.on('data', ({ length }: Buffer) => {
      droppedBytes += length;
      if (droppedBytes > MAX_DROPPED_BYTES) commandSocket.pause();
    });
    commandSocket.resume();
  }

  /** Ends the session as soon as it has nothing running; the commands that wait are dropped. */
  endWhenDone(answer: Reply): void {
    this.#queue.close();
    void this.#queue.whenIdle().then(() => this.end(answer));
  }

  /** Takes the place of ftp-srv's `reply`, which logs a client that has left as a fault of the server. */
  override async reply(code: number, ...lines: string[]): Promise<void> {
    this.send(multilineReply(code, lines.length > 0 ? lines : [DEFAULT_TEXTS[code] ?? '']));
  }

  /** Takes the place of ftp-srv's `close`, which destroys the control connection under its reply. */
  override async close(code = 421, message = 'Closing the control connection.'): Promise<void> {
    this.end(code === 0 ? undefined : reply(code, message));
  }

  override _handleData(chunk: Buffer): void {
    if (this.#state !== 'ending') this.#queue.receive(chunk);
  }

  /**
   * ABOR ends what is running at once, and is answered in its turn. A few others are answered while a transfer runs,
   * unless a command waits before them: replies come in the order of the commands.
   */
  #overtakes(received: ReceivedLine): boolean {
    this.#timer.touch();
    if (received === 'endless') this.#endEndless();
    if (!Buffer.isBuffer(received)) return received === 'endless';
    const line = withoutTelnet(received);
    if (isEmpty(line)) return true;
    const verb = verbOf(line);
    if (verb === 'ABOR') this.#running?.abort(new TransferAbortedError('Aborted.'));
    if (verb === 'QUIT') {
      const isAhead = this.#queue.chunkOfLine <= this.#chunksBeforeTransfer;
      this.transferring?.quitRead(isAhead ? 'before reply 150' : 'after reply 150');
      this.#limitStandstill();
    }
    const isAnswered =
      this.transferring !== undefined &&
      !this.#queue.isWaiting &&
      // A client that does not read its replies has to wait, as for all others.
      !this.commandSocket.writableNeedDrain &&
      line.toString('latin1', verb.length).trim() === '' &&
      this.commands.find(verb)?.duringTransfer === true;
    if (isAnswered) void this.commands.run(line);
    return isAnswered;
  }

  #endEndless(): void {
    this.end(reply(421, 'The line does not end; closing.'));
  }

  /** ABOR may have come before what it is to end has begun. */
  #begin(running: Abortable): void {
    this.#running = running;
    this.#chunksBeforeTransfer = this.#queue.receivedChunks;
    if (this.#queue.includes(isVerb('ABOR'))) running.abort(new TransferAbortedError('Aborted.'));
    if (this.#queue.includes(isVerb('QUIT'))) this.#limitStandstill();
    this.#queue.lookAhead();
  }

  /**
   * Ends a transfer that stands still while QUIT waits for it: a client that waits for 221 before it closes its data
   * connection, and a server that waits for the end of the data before it replies, would wait for ever.
   */
  #limitStandstill(): void {
    const { transferring } = this;
    if (transferring === undefined) return;
    const { idleTimeoutMs } = this.services.settings;
    this.#quitTimer ??= setTimeout(() => {
      const reason = 'No data moved after QUIT; close the data connection before you wait for 221.';
      transferring.abort(new TransferAbortedError(reason));
    }, idleTimeoutMs / QUIT_WAITS_OF_IDLE).unref();
  }

  async #runOne(received: ReceivedLine): Promise<void> {
    this.#timer.touch();
    if (received === 'endless') return this.#endEndless();
    const line = Buffer.isBuffer(received) ? withoutTelnet(received) : received;
    if (isEmpty(line)) return;
    await this.commands.run(line);
    this.commandSocket.uncork();
    if (this.commandSocket.writableNeedDrain) await this.#drained();
  }

  /** A client that does not read its replies gets no more of them. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const { commandSocket } = this;
      const done = () => {
        commandSocket.removeListener('drain', done).removeListener('close', done);
        resolve();
      };
      if (commandSocket.destroyed) return resolve();
      commandSocket.on('drain', done).on('close', done);
    });
  }

  #watch(socket: Socket): void {
    // ftp-srv logs a lost client as a fault of the server.
    socket.removeAllListeners('error');
    socket.on('error', (error) => this.log.debug({ err: error }, 'control connection lost'));
    socket.once('end', () => this.#clientEnded());
    socket.once('close', () => {
      this.#closed();
      void this.#queue.whenIdle().then(() => {
        // Not before: a command that was running may have logged in, or opened something, meanwhile.
        this.leave();
        this.#timer.stop();
        this.#server.left(this);
        this.#resolveClosed();
      });
    });
  }

  /** The client sends nothing more. What it has sent is still answered. */
  #clientEnded(): void {
    if (this.#state === 'open') this.#state = 'half-closed';
    this.transferring?.controlEnded();
    void this.#queue.whenIdle().then(() => this.end());
  }

  #closed(): void {
    this.#state = 'ending';
    this.#queue.close();
    if (this.transferring?.controlEnded() !== true) {
      this.#running?.abort(new TransferAbortedError('The control connection was lost.'));
    }
    const ms = this.services.now() - this.#startedMs;
    const { id: session, username } = this;
    this.services.logs.connections.info({ session, username, ms }, 'client disconnected');
    this.#timer.stop();
  }
}

/** Clients that end their lines in LF CR, and people at a terminal, send empty ones. */
function isEmpty(line: ReceivedLine): boolean {
  return line.length === 0;
}

function isVerb(verb: string): (line: ReceivedLine) => boolean {
  return (line) => Buffer.isBuffer(line) && verbOf(line) === verb;
}
