import type { Socket } from 'node:net';
import { setImmediate as afterPoll } from 'node:timers/promises';
import { reply } from '../control/reply.ts';
import { BlockChannel } from '../data/block-channel.ts';
import { type DataChannel, type FinalReply, StreamChannel } from '../data/data-channel.ts';
import { DataConnector } from '../data/data-connector.ts';
import { Transfer, type TransferDescription } from '../data/transfer.ts';
import { DataConnectionError, DataProtectionRequiredError } from '../errors/errors.ts';
import type { Session } from '../session/session.ts';
import { secureDataConnection } from '../tls/secure-data-connection.ts';

/** Moves what a transfer is for over the data connection. */
export type Move = (channel: DataChannel, transfer: Transfer) => Promise<void>;

/** What the session wants to know of its transfers. */
interface TransferListener {
  /** It can be aborted from now on. */
  begun(transfer: Transfer): void;
  progressed(): void;
  ended(): void;
}

/** Runs the transfers of a session, one at a time (server-DTP). */
export class SessionTransfers {
  readonly #session: Session;
  readonly #listener: TransferListener;
  /** The data connection that is kept from transfer to transfer in MODE B. */
  #blocks: BlockChannel | undefined;

  constructor(session: Session, listener: TransferListener) {
    this.#session = session;
    this.#listener = listener;
  }

  /** Ends the data connection in MODE B, used or not; the next transfer needs another one. */
  dropBlocks(): void {
    if (this.#session.mode === 'B') this.#session.dropConnector();
  }

  /**
   * Runs a transfer: says that it begins, waits for the data connection, moves the data, ends the
   * data connection, unless it is kept (MODE B). The file must be open before, so that its faults come first
   * (RFC 959 §5.4).
   *
   * @throws DataConnectionError if there is no data connection.
   * @throws DataProtectionRequiredError if it would be in clear and must not be.
   * @throws TlsFailedError if it could not be encrypted.
   * @throws TransferAbortedError if it was lost, or ABOR came.
   */
  async run(
    description: TransferDescription & {
      readonly announcement: string;
      /** The system takes all data at once. */
      readonly isBrief?: boolean;
      readonly finalReply?: FinalReply;
    },
    move: Move,
  ): Promise<void> {
    const session = this.#session;
    if (description.isBrief) await this.#nextPoll();
    const connector = this.#requireConnector();
    const transfer = this.#begin(description, connector);
    const kept = connector.isKept ? this.#blocks : undefined;
    let failure: unknown;
    // The reply that ends a brief transfer travels with the one that begins it. Under TLS clients wait for
    // that one before the handshake.
    const isThere = kept !== undefined || (connector.isReady && session.protection === 'C');
    const { finalReply } = description;
    if (description.isBrief && isThere && finalReply !== 'apart') session.commandSocket.cork();
    try {
      session.send(reply(kept === undefined ? 150 : 125, description.announcement));
      this.#listener.begun(transfer);
      if (kept !== undefined) transfer.connected();
      const channel = kept ?? (await this.#channel(connector, transfer, finalReply));
      transfer.onAbort(() => channel.destroy());
      await move(channel, transfer);
    } catch (error) {
      failure = transfer.failure(error);
      throw failure;
    } finally {
      if (failure !== undefined || !(session.mode === 'B' && connector.isKept)) connector.end();
      transfer.end();
      this.#listener.ended();
      // After the reply: the client works on while this is written.
      setImmediate(() => this.#log(transfer, failure));
    }
  }

  /** If the data connection and the command have arrived together, Node may read the command first. */
  async #nextPoll(): Promise<void> {
    const { connector, protection } = this.#session;
    if (protection === 'P' || !(connector instanceof DataConnector)) return;
    if (!connector.isReady && !connector.isKept) await afterPoll();
  }

  #requireConnector(): DataConnector {
    const { connector, protection, services } = this.#session;
    // What was kept may be closed, and its `close` not have come yet.
    if (!(connector instanceof DataConnector) || connector.dataSocket?.destroyed) {
      throw new DataConnectionError('Use PASV, EPSV, PORT or EPRT first.');
    }
    if (protection === 'C' && services.settings.tls === 'required') {
      throw new DataProtectionRequiredError('This server moves data encrypted only; send PROT P.');
    }
    return connector;
  }

  #begin(description: TransferDescription, connector: DataConnector): Transfer {
    const session = this.#session;
    return new Transfer(description, {
      now: session.services.now,
      onProgress: () => this.#listener.progressed(),
      onTakenOver: () => {
        if (session.mode === 'S') connector.dataSocket = null;
      },
    });
  }

  async #channel(
    connector: DataConnector,
    transfer: Transfer,
    finalReply: FinalReply | undefined,
  ): Promise<DataChannel> {
    const connection = await this.#connection(connector, transfer);
    if (this.#session.mode === 'S') return new StreamChannel(connection, finalReply);
    connection.once('close', () => connector.end());
    this.#blocks = new BlockChannel(connection);
    return this.#blocks;
  }

  async #connection(connector: DataConnector, transfer: Transfer): Promise<Socket> {
    const connection = await connector.waitForConnection({ transfer });
    transfer.connected();
    const { protection, tls, services } = this.#session;
    if (protection === 'C' || tls === undefined) return connection;
    const { tlsSessionReuse: sessionReuse } = services.settings;
    const secured = await secureDataConnection(connection, { tls, sessionReuse }, transfer);
    connector.dataSocket = secured;
    return secured;
  }

  #log({ description, movedBytes, startedMs }: Transfer, failure: unknown): void {
    const { verb, path } = description;
    const { id: session, username, services } = this.#session;
    const ms = services.now() - startedMs;
    const facts = { session, username, verb, path, bytes: movedBytes, ms };
    const log = services.logs.transfers;
    if (failure === undefined) log.info({ ...facts, outcome: 'complete' }, 'transfer complete');
    else log.info({ ...facts, outcome: 'failed', why: messageOf(failure) }, 'transfer failed');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
