import { Failure } from '../../errors/failure.ts';
import { ReplyContext } from '../basic-ftp/reply-context.ts';
import type { BlockConnection } from '../data/block-connection.ts';
import { PassiveMode } from '../data/passive-mode.ts';
import { ServerClock } from '../listing/server-clock.ts';
import type { ProxyLogin } from '../proxy/proxy-login.ts';
import { connectionLost, failureForError, failureForReply } from '../remote-failure.ts';
import { Deadline } from './deadline.ts';
import { NameEncoding } from './name-encoding.ts';
import { RedactedLog } from './redacted-log.ts';
import { isFinal, isRefusal, type Reply } from './reply.ts';

/** Silence after which a server counts as dead. */
const REPLY_TIMEOUT_MS = 30_000;
/** Time for the reply to an aborted command, so that the connection stays in step. */
const ABORT_GRACE_MS = 2000;
/** Replies that may wait unread. */
const MAX_REPLIES = 1000;
/** Stands for an octet of a local name that is not UTF-8; written as UTF-8 it would be another character. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const LINE_END = Buffer.from('\r\n');

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Begins the message of a failure: `Could not …`. */
  readonly purpose?: string;
}

/** What waits for a reply. */
interface Waiting {
  /** Other replies are passed over. */
  isMeant(reply: Reply): boolean;
  /** Starts its time again. */
  allowTime(): void;
  settle(outcome: Reply | Failure): void;
}

/**
 * basic-ftp's control connection with replies handed out one by one, in order. basic-ftp's own tasks cannot tell the
 * reply to ABOR from that of the transfer.
 */
export class ControlConnection extends ReplyContext {
  readonly redacted: RedactedLog;
  readonly names: NameEncoding;
  /** Whether the server is MyFTP, which takes what is sent ahead. */
  isMyFtp = false;
  /** Whether the server takes a command before it has replied to the last one. */
  takesAhead = false;
  /** As MODE has set it; `S only` once the server has refused B. */
  mode: 'S' | 'B' | 'S only' = 'S';
  /** Whether ALLO has declared the size of an upload that has not started. */
  hasDeclared = false;
  /** Whether REST has been sent for a transfer that has not succeeded: some servers then apply it to the next one. */
  hasRestart = false;
  /** The data connection that stays in MODE B. */
  blocks: BlockConnection | undefined;
  /** Whether replies that end transfers tell digests, as OPTS RECEIPT has set it. */
  givesReceipts = false;
  /** Host of the data connections; undefined for the one that this connection has reached. */
  passiveHost: string | undefined;
  /** The proxy that data connections go through, too. */
  via: ProxyLogin | undefined;
  passive = new PassiveMode();
  clock = new ServerClock();
  /** Set once the server has shown which one it understands; only `LIST -a` shows dot files everywhere. */
  listCommand: 'LIST -a' | 'LIST' | undefined;
  /** Of the server's certificate; undefined in clear. */
  fingerprint256: string | undefined;
  /** Of TLS, as `TLSv1.3`. */
  tlsProtocol: string | undefined;
  /** What OPTS HASH has chosen. */
  hashName: string | undefined;
  readonly #replies: Reply[] = [];
  readonly #deadline = new Deadline(() => this.lose('The server does not answer'));
  #waiting: Waiting | undefined;
  #loss: Failure | undefined;
  #onLost: ((failure: Failure) => void) | undefined;
  #lastUsedMs = Date.now();

  constructor(parts: { log?: RedactedLog; names?: NameEncoding } = {}) {
    super();
    this.redacted = parts.log ?? new RedactedLog();
    this.names = parts.names ?? new NameEncoding();
    // Octets as they are: basic-ftp decodes by names of Node only.
    if (this.names.charset !== undefined) this.encoding = 'latin1';
  }

  get isEncrypted(): boolean {
    return this.fingerprint256 !== undefined;
  }

  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  get loss(): Failure | undefined {
    return this.#loss;
  }

  /** When something was last sent. */
  get lastUsedMs(): number {
    return this.#lastUsedMs;
  }

  /** Called once, when the connection is gone without having been asked to. */
  onLost(listener: (failure: Failure) => void): void {
    this.#onLost = listener;
  }

  /** Whether the server has sent an unsolicited reply. */
  get hasUnread(): boolean {
    return this.#replies.length > 0 || this.hasUnfinishedLine;
  }

  /** Sends a command and waits for its final reply. @throws Failure for a refusal, too. */
  async command(line: string, options: CommandOptions = {}): Promise<Reply> {
    const reply = await this.ask(line, options);
    if (isRefusal(reply)) throw failureForReply(reply, options.purpose);
    return reply;
  }

  /** The same, but a refusal is a reply like any other, unless the server closes with it (421). */
  async ask(line: string, options: CommandOptions = {}): Promise<Reply> {
    options.signal?.throwIfAborted();
    this.dropUnread();
    this.send(line);
    return this.finalReply(options);
  }

  /** The reply that ends the command that was sent last; those before it are passed over. */
  finalReply(options: CommandOptions = {}): Promise<Reply> {
    return this.#next(isFinal, options);
  }

  /** The next reply. */
  reply(options: CommandOptions = {}): Promise<Reply> {
    return this.#next(isAny, options);
  }

  #next(isMeant: Waiting['isMeant'], options: CommandOptions): Promise<Reply> {
    for (let ready = this.#replies.shift(); ready !== undefined; ready = this.#replies.shift()) {
      if (isMeant(ready)) return this.#checked(ready);
    }
    if (this.#loss !== undefined) return Promise.reject(this.#loss);
    return this.#wait(isMeant, options);
  }

  #wait(
    isMeant: Waiting['isMeant'],
    { signal, timeoutMs = REPLY_TIMEOUT_MS }: CommandOptions,
  ): Promise<Reply> {
    const allowTime = () => {
      this.#deadline.set(signal?.aborted === true ? ABORT_GRACE_MS : timeoutMs);
    };
    allowTime();
    signal?.addEventListener('abort', allowTime);
    return new Promise<Reply>((resolve, reject) => {
      const settle = (outcome: Reply | Failure) => {
        this.#deadline.clear();
        signal?.removeEventListener('abort', allowTime);
        if (signal?.aborted === true) reject(signal.reason);
        else if (outcome instanceof Failure) reject(outcome);
        else if (outcome.code === 421) resolve(this.#checked(outcome));
        else resolve(outcome);
      };
      this.#waiting = { isMeant, allowTime, settle };
    });
  }

  /** With 421 the server says that it closes. */
  async #checked(reply: Reply): Promise<Reply> {
    if (reply.code !== 421) return reply;
    const failure = failureForReply(reply);
    this.#end(failure);
    throw failure;
  }

  /** What was said before the command cannot be its reply; a farewell is remembered. */
  dropUnread(): void {
    for (const reply of this.#replies.splice(0)) {
      if (reply.code === 421) this.#end(failureForReply(reply));
    }
    if (this.#loss !== undefined) throw this.#loss;
  }

  /** Sends commands together. */
  override send(...commands: readonly string[]): void {
    for (const command of commands) requireSendable(command);
    if (this.socket.remoteAddress === undefined) return;
    this.#lastUsedMs = Date.now();
    for (const command of commands) this.redacted.sent(command);
    const lines = commands.flatMap((command) => [this.names.encode(command), LINE_END]);
    this.socket.write(Buffer.concat(lines));
  }

  /** basic-ftp's own lines have passwords in them; ours are written by `redacted`. */
  override log(): void {}

  /** Closes at once. */
  override close(): void {
    this.#onLost = undefined;
    this.#end(connectionLost('The connection was closed'));
  }

  /** Says goodbye, and waits a little for the answer. */
  async quit(): Promise<void> {
    this.#onLost = undefined;
    if (!this.isLost) await this.ask('QUIT', { timeoutMs: 1000 }).catch(() => {});
    this.close();
  }

  /** Gives the connection up. */
  lose(why: string): void {
    this.#end(connectionLost(why));
  }

  #end(failure: Failure): void {
    if (this.#loss !== undefined) return;
    this.#loss = failure;
    this.blocks?.destroy();
    this.#deadline.stop();
    this.closeWithError(new Error(failure.message));
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.settle(failure);
    this.#onLost?.(failure);
  }

  protected override onEndlessLine(): void {
    this.lose('The server sends a line without an end');
  }

  protected override onBroken(error: Error): void {
    this.#end(failureForError(error, 'The connection is lost'));
  }

  protected override onReply({ code, text: received }: Reply): void {
    const { names } = this;
    const message =
      names.charset === undefined ? received : names.decode(Buffer.from(received, 'latin1')).text;
    this.redacted.received(message);
    const text = code >= 400 ? this.redacted.redact(message) : message;
    this.#deliver({ code, text });
  }

  #deliver(reply: Reply): void {
    const waiting = this.#waiting;
    if (waiting === undefined) this.#keep(reply);
    else if (!waiting.isMeant(reply)) waiting.allowTime();
    else {
      this.#waiting = undefined;
      waiting.settle(reply);
    }
  }

  #keep(reply: Reply): void {
    if (this.#replies.length < MAX_REPLIES) this.#replies.push(reply);
    else this.lose('The server talks without being asked');
  }
}

function requireSendable(command: string): void {
  if (/[\r\n\0]/.test(command)) {
    throw new Failure('protocol', 'A line break or NUL cannot be sent in a name.');
  }
  if (LONE_SURROGATE.test(command)) {
    throw new Failure('protocol', 'A name that is not UTF-8 cannot be sent.');
  }
}

function isAny(): boolean {
  return true;
}
