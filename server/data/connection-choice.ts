import type { Socket } from 'node:net';
import type { ControlTls } from '../tls/control-tls.ts';
import { onClientHello } from '../tls/on-client-hello.ts';

/** Time that a connection waits for one that resumes the TLS session, if the client has always resumed it so far. */
const RESUMPTION_MS = 2000;

/** Time for the ClientHello to arrive when several connections compete. */
const HELLO_MS = 250;

interface ChoiceOptions {
  /** TLS of the control connection if the data connection is to be encrypted. */
  readonly tls: ControlTls | undefined;
  /** Time that the first connection waits for a second one. */
  readonly holdMs: number;
  readonly chosen: (connection: Socket) => void;
  /** It is not certain which connection is the client's. */
  readonly refused: () => void;
}

/**
 * Distinguishes the client's data connection from that of a thief at the same address.
 *
 * A connection that offers to resume the TLS session of the control connection is the client's. Otherwise the first one
 * is, if no second one arrives within a short time: the client's own connection always arrives, so one of two is a
 * thief's.
 */
export class ConnectionChoice {
  readonly #options: ChoiceOptions;
  readonly #contenders: Socket[] = [];
  readonly #stopReading: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isSettled = false;

  constructor(options: ChoiceOptions) {
    this.#options = options;
  }

  add(connection: Socket): void {
    if (this.#isSettled) return;
    const { tls, holdMs } = this.#options;
    this.#contenders.push(connection);
    const count = this.#contenders.length;
    if (count > 1 && tls === undefined) {
      this.#refuse();
      return;
    }
    const minMs = tls?.expectsResumption ? RESUMPTION_MS : holdMs;
    if (count === 1) this.#decideAfter(minMs);
    if (count === 2) this.#decideAfter(Math.max(minMs, HELLO_MS));
    if (tls !== undefined) this.#examine(connection, tls);
  }

  /** The connections are no longer needed. */
  stop(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
    for (const stop of this.#stopReading.splice(0)) stop();
  }

  #examine(connection: Socket, tls: ControlTls): void {
    const stop = onClientHello(connection, (hello) => {
      if (!this.#isSettled && hello !== undefined && tls.canResume(hello)) this.#choose(connection);
    });
    this.#stopReading.push(stop);
  }

  /** At least one poll of the event loop passes, so connections that the system has accepted are counted. */
  #decideAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setImmediate(() => this.#decide()), delayMs);
  }

  #decide(): void {
    const [first, ...others] = this.#contenders;
    if (this.#isSettled || first === undefined) return;
    this.#options.tls?.resumptionMissed();
    if (others.length === 0) this.#choose(first);
    else this.#refuse();
  }

  #choose(connection: Socket): void {
    this.stop();
    this.#options.chosen(connection);
  }

  #refuse(): void {
    this.stop();
    this.#options.refused();
  }
}
