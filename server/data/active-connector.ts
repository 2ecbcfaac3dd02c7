import { connect, type Socket } from 'node:net';
import { isOutOfFiles } from '../disk/disk-errors.ts';
import { DataConnectionError } from '../errors/errors.ts';
import { DataConnector } from './data-connector.ts';

/** Address and port of the client (PORT, EPRT). */
export interface ActiveTarget {
  readonly address: string;
  readonly port: number;
}

/** The server opens the data connection, from the address that the client knows. */
export class ActiveConnector extends DataConnector {
  readonly #target: ActiveTarget;
  readonly #localAddress: string;
  #connecting: Socket | undefined;

  /** @param localAddress of the control connection; empty if the client has just left. */
  constructor(target: ActiveTarget, localAddress: string) {
    super();
    this.#target = target;
    this.#localAddress = localAddress;
  }

  protected override begin(
    found: (connection: Socket) => void,
    failed: (error: Error) => void,
  ): void {
    const connection = connect({
      host: this.#target.address,
      port: this.#target.port,
      ...(this.#localAddress === '' ? {} : { localAddress: this.#localAddress }),
    });
    this.#connecting = connection;
    connection.pause();
    connection.once('error', (error) => {
      const reason = isOutOfFiles(error)
        ? 'The server has too many files open; try again shortly.'
        : 'The port that the client named did not accept the connection.';
      failed(new DataConnectionError(reason));
    });
    connection.once('connect', () => {
      // Transfers learn of a lost connection from their reads and writes.
      connection.removeAllListeners('error').on('error', () => {});
      this.#connecting = undefined;
      found(connection);
    });
  }

  protected override cancel(): void {
    this.#connecting?.destroy();
    this.#connecting = undefined;
  }
}
