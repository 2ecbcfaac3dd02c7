import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Account } from '../accounts/accounts.ts';
import type { CommandTable } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import type { InheritedHandlers, Pending, SessionContext } from '../contract/session-context.ts';
import { initialParameters, type NextTransfer } from '../contract/transfer-parameters.ts';
import { CommandDispatcher } from '../control/command-dispatcher.ts';
import type { LineDecoding } from '../control/command-line.ts';
import { CommandQueue } from '../control/command-queue.ts';
import { ControlSocket } from '../control/control-socket.ts';
import { IdleTimer } from '../control/idle-timer.ts';
import type { Pacing } from '../data/pacer.ts';
import type { Transfer } from '../data/transfer.ts';
import { NotLoggedInError } from '../errors/errors.ts';
import type { SessionFiles } from '../files/session-files.ts';
import { handshakeOffence } from '../guards/handshake-offence.ts';
import type { Offence } from '../guards/offences.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import { SessionTransfers } from '../transfer/session-transfers.ts';
import type { OnAbort } from '../uploads/room-wait.ts';
import type { AllSessionServices } from './all-session-services.ts';
import { CommandRunner } from './command-runner.ts';
import { LoginDialogue } from './login-dialogue.ts';
import { RunningWork } from './running-work.ts';
import { nextState, type SessionEvent, type SessionState } from './session-state.ts';

/** Offences of a session that count: garbage without end must not fill the log. */
const MAX_OFFENCES = 20;

/** Anonymous sessions have no rates of their own. */
const SERVER_RATES = { up: undefined, down: undefined };

interface SessionOptions {
  readonly services: AllSessionServices;
  readonly table: CommandTable;
  readonly decoding: LineDecoding;
  readonly inherited: InheritedHandlers;
  /** TLS of `socket`, if the client has connected to the implicit port. */
  readonly tls?: ControlTls | undefined;
}

/** One client, from its connection to its end (server-PI). */
export class Session implements SessionContext {
  readonly id = randomBytes(5).toString('hex');
  readonly log: Logger;
  readonly control: ControlSocket;
  readonly services: AllSessionServices;
  readonly inherited: InheritedHandlers;
  readonly login: LoginDialogue;
  readonly transfers: SessionTransfers;
  /** Resolves when nothing of the session is left. */
  readonly closed: Promise<void>;
  parameters = initialParameters();
  username: string | undefined;
  clientName: string | undefined;
  readonly startedMs: number;
  #next: NextTransfer = {};
  #pending: Pending | undefined;
  #loggedIn:
    | { readonly account: Account; readonly files: SessionFiles; readonly pacing: Pacing }
    | undefined;
  #tls: ControlTls | undefined;
  #state: SessionState = 'open';
  #offences = 0;
  readonly #queue: CommandQueue;
  readonly #runner: CommandRunner;
  readonly #work: RunningWork;
  readonly #timer: IdleTimer;

  constructor(socket: Socket, options: SessionOptions) {
    this.services = options.services;
    this.inherited = options.inherited;
    this.#tls = options.tls;
    const { settings, now, logs, turns } = this.services;
    this.log = logs.server.child({ session: this.id });
    this.login = new LoginDialogue(this);
    this.#queue = new CommandQueue({
      turns,
      run: (line) => this.#runner.run(line),
      looksAhead: () => this.#work.isRunning,
      overtake: (line) => this.#runner.overtakes(line),
      pause: () => this.control.pause(),
      resume: () => this.control.resume(),
    });
    this.#work = new RunningWork(this.#queue, settings);
    this.#timer = this.#newTimer();
    this.#runner = new CommandRunner(this, {
      commands: new CommandDispatcher(this, options.table, options.decoding),
      queue: this.#queue,
      work: this.#work,
      timer: this.#timer,
    });
    this.transfers = this.#newTransfers();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.startedMs = now();
    this.control = new ControlSocket(socket, {
      onData: (chunk) => this.#received(chunk),
      onEnd: () => this.#clientEnded(),
      onError: (error) => this.#controlFailed(error),
      onClose: () => {
        this.#controlClosed();
        void this.#closeWhenIdle().then(resolve);
      },
    });
  }

  #newTimer(): IdleTimer {
    const { settings, now } = this.services;
    return new IdleTimer({
      now,
      loginTimeoutMs: settings.loginTimeoutMs,
      idleTimeoutMs: settings.idleTimeoutMs,
      isAtWork: () => this.#work.isRunning && this.transferring === undefined,
      onExpired: (text) => this.#expired(text),
    });
  }

  #newTransfers(): SessionTransfers {
    return new SessionTransfers(this, {
      onBegin: (transfer) => this.#work.begin(transfer),
      onProgress: () => {
        this.#timer.touch();
        this.#work.progressed();
      },
      onEnd: () => {
        this.#work.end();
        this.#timer.touch();
      },
    });
  }

  /** Time since the last command or octet. */
  get idleMs(): number {
    return this.#timer.idleMs;
  }

  get peerAddress(): string {
    return this.control.peerAddress;
  }

  get isLoggedIn(): boolean {
    return this.#loggedIn !== undefined;
  }

  get account(): Account | undefined {
    return this.#loggedIn?.account;
  }

  get pacing(): Pacing | undefined {
    return this.#loggedIn?.pacing;
  }

  get cutUploads(): 'keep' | 'publish' {
    return this.account?.cutUploads ?? this.services.settings.cutUploads;
  }

  get files(): SessionFiles {
    if (this.#loggedIn === undefined) {
      throw new NotLoggedInError('Please log in with USER and PASS.');
    }
    return this.#loggedIn.files;
  }

  get tls(): ControlTls | undefined {
    return this.#tls;
  }

  get transferring(): Transfer | undefined {
    return this.#work.transfer;
  }

  get isClientConnected(): boolean {
    return this.#state === 'open' && !this.control.isDestroyed;
  }

  get hasUnseenCommands(): boolean {
    return this.#queue.isLookingAhead;
  }

  offend(offence: Offence): void {
    if (this.isLoggedIn || this.#offences >= MAX_OFFENCES) return;
    this.#offences += 1;
    this.services.banGuard.report({ address: this.peerAddress, session: this.id }, offence);
  }

  send(answer: Reply): void {
    this.control.send(answer);
  }

  setPending(pending: Pending): void {
    this.#pending = pending;
  }

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

  get next(): NextTransfer {
    return this.#next;
  }

  takeNext(): NextTransfer {
    const next = this.#next;
    this.#next = {};
    return next;
  }

  resetParameters(): void {
    this.parameters = initialParameters();
  }

  /** Logs in, after the end of the login before. */
  enter(account: Account, files: SessionFiles): void {
    this.leave();
    this.services.strangers.remove(this);
    const pacing = this.services.rates.enter(account.id, account.rates ?? SERVER_RATES);
    this.#loggedIn = { account, files, pacing };
    this.username = account.username;
    this.#timer.loggedIn('in');
  }

  /** Applies what an administrator has changed of the account, from the next command on. */
  async refresh(account: Account): Promise<void> {
    const before = this.#loggedIn;
    if (before === undefined) return;
    const { storages } = this.services;
    const files = await storages.refresh(before.files, account, this.peerAddress);
    if (this.#loggedIn === before) this.#loggedIn = { ...before, account, files };
  }

  /** Back to the state before login (REIN, a new USER). */
  leave(): void {
    if (this.#loggedIn !== undefined) {
      const { account, files } = this.#loggedIn;
      this.services.limits.leave(account.id);
      this.services.rates.leave(account.id);
      if (!this.#isEnding) this.services.strangers.add(this);
      files.close();
    }
    this.#loggedIn = undefined;
    this.#pending = undefined;
    this.#next = {};
    this.transfers.dropConnector();
    this.#timer.loggedIn('out');
  }

  /**
   * Encrypts the control connection. Everything that was agreed on in clear is forgotten. Plaintext that follows AUTH
   * was injected by a third party: it ends the session.
   */
  startTls(tls: ControlTls, answer: Reply): void {
    if (this.#queue.hasArrived) {
      this.log.warn({ peer: this.peerAddress }, 'plaintext after AUTH');
      this.end();
      return;
    }
    this.login.reset();
    this.resetParameters();
    this.send(answer);
    this.control.startTls(tls);
    this.#tls = tls;
  }

  abortable<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return this.#work.abortable(work);
  }

  interruptible<Result>(work: (onAbort: OnAbort) => Promise<Result>): Promise<Result> {
    return this.#work.interruptible(work);
  }

  end(answer?: Reply): void {
    const wasEnding = this.#isEnding;
    this.#enterState('server ends');
    this.#queue.close();
    // Also work that has outlived its control connection.
    this.#work.abort('The session is ending.');
    if (wasEnding) return;
    if (answer !== undefined) this.send(answer);
    this.control.end();
  }

  endWhenDone(answer?: Reply): void {
    this.#queue.close();
    void this.#queue.whenIdle().then(() => this.end(answer));
  }

  get #isEnding(): boolean {
    return this.#state === 'ending' || this.#state === 'closed';
  }

  #enterState(event: SessionEvent): void {
    this.#state = nextState(this.#state, event);
  }

  #controlFailed(error: Error): void {
    this.log.debug({ err: error }, 'control connection lost');
    const offence = handshakeOffence(error);
    if (offence !== undefined) this.offend(offence);
  }

  /** A client that has sent nothing may be a check of the port, or a person who reads. */
  #expired(text: string): void {
    if (this.#queue.receivedChunks > 0) this.offend('no login in time');
    this.end(reply(421, text));
  }

  #received(chunk: Buffer): void {
    if (!this.#isEnding) this.#queue.receive(chunk);
  }

  /** The client sends nothing more. What it has sent is still answered. */
  #clientEnded(): void {
    this.#enterState('client ended');
    this.transferring?.controlEnded();
    void this.#queue.whenIdle().then(() => this.end());
  }

  #controlClosed(): void {
    this.#enterState('connection closed');
    this.#queue.close();
    if (this.transferring?.controlEnded() !== true) {
      this.#work.abort('The control connection was lost.');
    }
    const ms = this.services.now() - this.startedMs;
    const { id: session, username } = this;
    this.services.logs.connections.info({ session, username, ms }, 'client disconnected');
    this.#timer.stop();
  }

  /** Waits for the command that runs: it may log in, or open something. */
  async #closeWhenIdle(): Promise<void> {
    await this.#queue.whenIdle();
    this.leave();
    this.#timer.stop();
  }
}
