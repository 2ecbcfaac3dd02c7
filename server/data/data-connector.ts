import type { Socket } from 'node:net';
import { DataConnectionError } from '../errors/errors.ts';
import { type ConnectionContract, Connector } from '../ftp-srv/internals.ts';
import type { Transfer } from './transfer.ts';

/** How long a client may take to open, or accept, the data connection. */
const DATA_CONNECTION_TIMEOUT_MS = 30_000;

interface WaitOptions {
  readonly timeout?: number;
  /** The transfer that waits. */
  readonly transfer?: Pick<Transfer, 'onAbort'>;
}

/**
 * One data connection to come, for one transfer (server-DTP). ftp-srv's connectors look for it every 50 or
 * 250 ms; these learn of it by an event.
 */
export abstract class DataConnector extends Connector {
  readonly #session: ConnectionContract;

  constructor(session: ConnectionContract) {
    super(session);
    this.#session = session;
  }

  /** Whether the data connection is there already. */
  get isReady(): boolean {
    return false;
  }

  /** Whether the data connection is there and was used, which only MODE B does more than once. */
  get isKept(): boolean {
    return this.dataSocket !== null && !this.dataSocket.destroyed;
  }

  /**
   * The data connection, once it is there. It is paused.
   *
   * @throws DataConnectionError if it does not come about in time.
   */
  override async waitForConnection({
    timeout = DATA_CONNECTION_TIMEOUT_MS,
    transfer,
  }: WaitOptions = {}): Promise<Socket> {
    const connection = this.isReady ? this.#take() : await this.#wait(timeout, transfer);
    this.dataSocket = connection;
    return connection;
  }

  /** Ends the data connection, or the waiting for it. The session needs another one for what comes next. */
  override end(): void {
    this.cancel();
    this.dataSocket?.destroy();
    this.dataSocket = null;
    if (this.#session.connector === this) this.#session.connector = new Connector(this.#session);
  }

  /** Starts what brings the connection about, and tells of it. */
  protected abstract begin(
    found: (connection: Socket) => void,
    failed: (error: Error) => void,
  ): void;

  /** Stops what `begin`, or the constructor, has started. */
  protected abstract cancel(): void;

  /** What is there needs neither a clock nor a promise. */
  #take(): Socket {
    let connection: Socket | undefined;
    this.begin(
      (found) => {
        connection = found;
      },
      () => {},
    );
    if (connection === undefined) throw tooLate();
    return connection;
  }

  #wait(timeoutMs: number, transfer: WaitOptions['transfer']): Promise<Socket> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const over = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        settle();
      };
      const fail = (error: unknown) =>
        over(() => {
          this.cancel();
          reject(error);
        });
      const timer = setTimeout(() => fail(tooLate()), timeoutMs);
      this.begin((connection) => over(() => resolve(connection)), fail);
      transfer?.onAbort(fail);
    });
  }
}

function tooLate(): DataConnectionError {
  return new DataConnectionError('The data connection did not come about in time.');
}
