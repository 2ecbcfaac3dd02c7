import type { Socket } from 'node:net';
import { DataConnectionError } from '../errors/errors.ts';
import { isSameAddress } from '../network/addresses.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import { ConnectionChoice } from './connection-choice.ts';

/** Connections that are kept for one transfer until it is clear which is the client's. */
const MAX_ARRIVED = 64;

interface ExpectedConnectionOptions {
  readonly port: number;
  /** The address of the control connection, which the data connection must come from. */
  readonly peerAddress: string;
  /** The account that is to use the connection. */
  readonly holder: number | undefined;
  readonly madeAtMs: number;
  /** Whether unexpected connections came from the address recently. */
  readonly isNoisy: () => boolean;
  /** Makes the port free for the address again. */
  readonly withdraw: (expected: ExpectedConnection) => void;
  /** A second connection has come, which the client cannot have made. */
  readonly onExtraConnection: () => void;
}

/** The transfer that wants the connection. */
interface Taker {
  readonly found: (connection: Socket) => void;
  readonly failed: (error: Error) => void;
  /** TLS of the control connection if the data connection is to be encrypted. */
  readonly tls?: ControlTls | undefined;
  /** Time that the first connection waits for a second one if the address is noisy. */
  readonly holdMs: () => number;
}

/** The expectation of one data connection, at one passive port, from one address. */
export class ExpectedConnection {
  readonly #options: ExpectedConnectionOptions;
  #state: 'open' | 'over' = 'open';
  readonly #arrived: Socket[] = [];
  #taker: Taker | undefined;
  #choice: ConnectionChoice | undefined;
  #failure: Error | undefined;
  #isSealed = false;

  constructor(options: ExpectedConnectionOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#options.port;
  }

  get holder(): number | undefined {
    return this.#options.holder;
  }

  get madeAtMs(): number {
    return this.#options.madeAtMs;
  }

  /** Whether a transfer waits and no connection has arrived. */
  get isAwaited(): boolean {
    return this.#taker !== undefined && this.#arrived.length === 0;
  }

  /** Whether exactly one connection has arrived, from an address without unexpected connections. */
  get isCertain(): boolean {
    return this.#arrived.length === 1 && !this.#options.isNoisy();
  }

  isFor(address: string): boolean {
    return isSameAddress(address, this.#options.peerAddress);
  }

  /** A connection has come. It may come before the transfer that wants it. */
  accept(connection: Socket): void {
    if (this.#arrived.length > 0) this.#options.onExtraConnection();
    if (this.#state === 'over' || this.#arrived.length >= MAX_ARRIVED) {
      connection.destroy();
      return;
    }
    this.#arrived.push(connection);
    if (this.#choice !== undefined) this.#choice.add(connection);
    else if (this.#taker !== undefined) this.#decide(this.#taker);
  }

  /** Hands the connection over, now or as soon as it has come and is certainly the client's. */
  take(taker: Taker): void {
    this.#taker = taker;
    if (this.#failure !== undefined) taker.failed(this.#failure);
    else this.#decide(taker);
  }

  /** Frees the port for others of the address and keeps the connection, which must be certain. */
  seal(): boolean {
    if (this.#taker !== undefined || !this.isCertain) return false;
    this.#isSealed = true;
    this.#options.withdraw(this);
    return true;
  }

  /** Gives the port to another client; the transfer fails. */
  giveWay(): void {
    this.#fail(
      new DataConnectionError(
        'Another session of your address needed the passive port; send PASV or EPSV again.',
      ),
    );
  }

  /** The connection is no longer needed; connections that arrived and were not taken are closed. */
  cancel(): void {
    this.#end();
    for (const connection of this.#arrived.splice(0)) connection.destroy();
  }

  #decide(taker: Taker): void {
    const [first] = this.#arrived;
    if (first === undefined) return;
    if ((this.#isSealed || this.isCertain) && !taker.tls?.expectsResumption) {
      this.#give(first, taker);
      return;
    }
    const choice = new ConnectionChoice({
      tls: taker.tls,
      holdMs: taker.holdMs(),
      chosen: (connection) => this.#give(connection, taker),
      refused: () => this.#fail(ambiguous()),
    });
    this.#choice = choice;
    for (const connection of this.#arrived) choice.add(connection);
  }

  #give(connection: Socket, { found }: Taker): void {
    this.#end();
    for (const other of this.#arrived) if (other !== connection) other.destroy();
    this.#arrived.length = 0;
    found(connection);
  }

  #fail(error: Error): void {
    const taker = this.#taker;
    this.cancel();
    this.#failure = error;
    taker?.failed(error);
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#choice?.stop();
    this.#taker = undefined;
    this.#options.withdraw(this);
  }
}

function ambiguous(): DataConnectionError {
  return new DataConnectionError(
    'Several connections came to the passive port, so yours cannot be told from a stranger’s; try again.',
  );
}
