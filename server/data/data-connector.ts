import type { Socket } from 'node:net';
import { DataConnectionError } from '../errors/errors.ts';
import type { Transfer } from './transfer.ts';

/** Time for the client to open, or accept, the data connection. */
const DATA_CONNECTION_TIMEOUT_MS = 30_000;

interface WaitOptions {
  readonly timeout?: number;
  /** The transfer that waits. */
  readonly transfer?: Pick<Transfer, 'onAbort'>;
}

/** One data connection to come, for one transfer, or for many in MODE B (server-DTP). */
export abstract class DataConnector {
  /** The data connection, while a transfer uses it or MODE B keeps it. */
  dataSocket: Socket | null = null;
  #isEnded = false;

  /** Whether the next transfer needs another connector. */
  get isEnded(): boolean {
    // A connection that was kept may be closed before its `close` event arrives.
    return this.#isEnded || this.dataSocket?.destroyed === true;
  }

  /** Whether the data connection exists already. */
  get isReady(): boolean {
    return false;
  }

  /** Whether the data connection exists and has been used; only MODE B uses it more than once. */
  get isKept(): boolean {
    return this.dataSocket !== null && !this.dataSocket.destroyed;
  }

  /**
   * Returns the data connection, paused.
   *
   * @throws DataConnectionError if the connection is not opened in time.
   */
  async waitForConnection({
    timeout = DATA_CONNECTION_TIMEOUT_MS,
    transfer,
  }: WaitOptions = {}): Promise<Socket> {
    const connection = this.isReady ? this.#take() : await this.#wait(timeout, transfer);
    this.dataSocket = connection;
    return connection;
  }

  /** Ends the data connection, or the waiting for it. */
  end(): void {
    this.cancel();
    this.dataSocket?.destroy();
    this.dataSocket = null;
    this.#isEnded = true;
  }

  /** Starts to open the connection, or to wait for it, and reports the result. */
  protected abstract begin(
    found: (connection: Socket) => void,
    failed: (error: Error) => void,
  ): void;

  /** Stops what `begin`, or the constructor, has started. */
  protected abstract cancel(): void;

  /** An existing connection needs neither a timer nor a promise. */
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
      let isSettled = false;
      const over = (settle: () => void) => {
        if (isSettled) return;
        isSettled = true;
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
  return new DataConnectionError('Timed out waiting for the data connection.');
}
