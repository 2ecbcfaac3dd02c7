import type { TransferEvent } from '../../db/audit-repository.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { Transfer } from '../data/transfer.ts';

interface RecordedFile {
  readonly verb: string;
  readonly direction: 'upload' | 'download';
  readonly offsetBytes: number;
}

type Digest = string | undefined | Promise<string | undefined>;

/** Records the result of the transfer of one file in the audit log. */
export class TransferRecord {
  readonly #session: SessionContext;
  readonly #file: RecordedFile;
  readonly #startedMs: number;
  #transfer: Transfer | undefined;

  constructor(session: SessionContext, file: RecordedFile) {
    this.#session = session;
    this.#file = file;
    this.#startedMs = session.services.now();
  }

  /** Data begin to move. */
  begin(transfer: Transfer): void {
    this.#transfer = transfer;
  }

  /**
   * @param digest is added later if it is still being computed.
   * @returns the number of the receipt; undefined if nothing is recorded.
   */
  complete(path: string, digest: Digest): number | undefined {
    const sha256 = typeof digest === 'object' ? undefined : digest;
    const number = this.#record(path, { outcome: 'ok', reason: undefined, sha256 });
    this.#tellHooks(path, sha256);
    if (number !== undefined && typeof digest === 'object') {
      const { audit } = this.#session.services;
      const add = (late: string | undefined) => late && audit.addDigest(number, late);
      digest.then(add).catch(() => undefined);
    }
    return number;
  }

  #tellHooks(path: string, sha256: string | undefined): void {
    const { id: session, peerAddress: address, username = '', services } = this.#session;
    const { direction: event } = this.#file;
    const movedBytes = this.#transfer?.movedBytes ?? 0;
    services.hooks.add({ event, username, address, session, path, movedBytes, sha256 });
  }

  failed(path: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#record(path, { outcome: 'failed', reason, sha256: undefined });
  }

  /** Property by property: objects that are spread cost a small file as much as a call of the system. */
  #record(
    path: string,
    { outcome, reason, sha256 }: Pick<TransferEvent, 'outcome' | 'reason' | 'sha256'>,
  ): number | undefined {
    const { id: session, peerAddress: address, username = '', services } = this.#session;
    const { verb, direction, offsetBytes } = this.#file;
    const atMs = services.now();
    return services.audit.record({
      kind: 'transfer',
      atMs,
      outcome,
      reason,
      session,
      address,
      username,
      verb,
      direction,
      path,
      offsetBytes,
      movedBytes: this.#transfer?.movedBytes ?? 0,
      durationMs: atMs - this.#startedMs,
      sha256,
    });
  }
}
