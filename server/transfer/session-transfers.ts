import type { Socket } from 'node:net';
import { setImmediate as afterPoll } from 'node:timers/promises';
import { reply } from '../contract/reply.ts';
import type {
  Move,
  SessionContext,
  TransferRequest,
  TransferRunner,
} from '../contract/session-context.ts';
import { BlockChannel } from '../data/block-channel.ts';
import { type DataChannel, type FinalReply, StreamChannel } from '../data/data-channel.ts';
import type { DataConnector } from '../data/data-connector.ts';
import { PassiveConnector } from '../data/passive-connector.ts';
import { PassiveHabits } from '../data/passive-habits.ts';
import { Transfer, type TransferDescription } from '../data/transfer.ts';
import { DataConnectionError, DataProtectionRequiredError } from '../errors/errors.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import { secureDataConnection } from '../tls/secure-data-connection.ts';

interface TransferListener {
  /** The transfer can be aborted from now on. */
  onBegin(transfer: Transfer): void;
  onProgress(): void;
  onEnd(): void;
}

/** Runs the transfers of a session, one at a time (server-DTP). */
export class SessionTransfers implements TransferRunner {
  readonly #session: SessionContext;
  readonly #listener: TransferListener;
  readonly #habits = new PassiveHabits();
  #connector: DataConnector | undefined;
  /** The data connection that is kept from transfer to transfer in MODE B. */
  #blocks: BlockChannel | undefined;

  constructor(session: SessionContext, listener: TransferListener) {
    this.#session = session;
    this.#listener = listener;
  }

  async listen(): Promise<number> {
    const { peerAddress, account, services } = this.#session;
    this.dropConnector();
    const expected = await services.ports.expect(peerAddress, account?.id);
    const tls = () => this.#tls;
    this.setConnector(new PassiveConnector({ expected, habits: this.#habits, tls }));
    return expected.port;
  }

  setConnector(connector: DataConnector): void {
    this.dropConnector();
    this.#connector = connector;
  }

  dropConnector(): void {
    this.#connector?.end();
    this.#connector = undefined;
  }

  dropBlocks(): void {
    if (this.#session.parameters.mode === 'B') this.dropConnector();
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
  async run(description: TransferRequest, move: Move): Promise<void> {
    const session = this.#session;
    if (description.isBrief) await this.#nextPoll();
    const connector = this.#requireConnector();
    const transfer = this.#begin(description, connector);
    const kept = connector.isKept ? this.#blocks : undefined;
    let failure: unknown;
    // The reply that ends a brief transfer travels with the one that begins it. Under TLS clients wait for
    // that one before the handshake.
    const isConnected =
      kept !== undefined || (connector.isReady && session.parameters.protection === 'C');
    const { finalReply } = description;
    if (description.isBrief && isConnected && finalReply !== 'apart') session.control.cork();
    try {
      session.send(reply(kept === undefined ? 150 : 125, description.openingText));
      this.#listener.onBegin(transfer);
      if (kept !== undefined) transfer.connected();
      const channel = kept ?? (await this.#channel(connector, transfer, finalReply));
      transfer.onAbort(() => channel.destroy());
      await move(channel, transfer);
    } catch (error) {
      failure = transfer.failure(error);
      throw failure;
    } finally {
      if (failure !== undefined || !(session.parameters.mode === 'B' && connector.isKept))
        connector.end();
      transfer.end();
      this.#listener.onEnd();
      // After the reply: the client works on while this is written.
      setImmediate(() => this.#log(transfer, failure));
    }
  }

  /** If the data connection and the command have arrived together, Node may read the command first. */
  async #nextPoll(): Promise<void> {
    const connector = this.#connector;
    if (this.#session.parameters.protection === 'P' || connector === undefined) return;
    if (!connector.isReady && !connector.isKept) await afterPoll();
  }

  #requireConnector(): DataConnector {
    const { parameters, services } = this.#session;
    const connector = this.#connector;
    if (connector === undefined || connector.isEnded) {
      throw new DataConnectionError('No data connection; send PASV or EPSV first.');
    }
    if (parameters.protection === 'C' && services.settings.tls === 'required') {
      throw new DataProtectionRequiredError('Data connections must be encrypted; send PROT P.');
    }
    return connector;
  }

  #begin(description: TransferDescription, connector: DataConnector): Transfer {
    const session = this.#session;
    return new Transfer(description, {
      now: session.services.now,
      onProgress: () => this.#listener.onProgress(),
      pacing: session.pacing,
      onDetach: () => {
        if (session.parameters.mode === 'S') connector.dataSocket = null;
      },
    });
  }

  async #channel(
    connector: DataConnector,
    transfer: Transfer,
    finalReply: FinalReply | undefined,
  ): Promise<DataChannel> {
    const connection = await this.#connection(connector, transfer);
    if (this.#session.parameters.mode === 'S') return new StreamChannel(connection, finalReply);
    connection.once('close', () => connector.end());
    this.#blocks = new BlockChannel(connection);
    return this.#blocks;
  }

  async #connection(connector: DataConnector, transfer: Transfer): Promise<Socket> {
    const connection = await connector.waitForConnection({ transfer });
    transfer.connected();
    const tls = this.#tls;
    if (tls === undefined) return connection;
    const { tlsSessionReuse: sessionReuse } = this.#session.services.settings;
    const secured = await secureDataConnection(connection, { tls, sessionReuse }, transfer);
    connector.dataSocket = secured;
    return secured;
  }

  /** TLS for the next data connection; undefined if it is in clear. */
  get #tls(): ControlTls | undefined {
    const { parameters, tls } = this.#session;
    return parameters.protection === 'P' ? tls : undefined;
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
