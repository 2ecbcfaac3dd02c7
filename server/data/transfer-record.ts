import type { Session } from '../session.ts';
import type { Transfer } from './transfer.ts';

interface RecordedFile {
  readonly verb: string;
  readonly direction: 'upload' | 'download';
  readonly offsetBytes: number;
}

type Digest = string | undefined | Promise<string | undefined>;

/** Writes down how the transfer of one file has ended. */
export class TransferRecord {
  readonly #session: Session;
  readonly #file: RecordedFile;
  readonly #startedMs: number;
  #transfer: Transfer | undefined;

  constructor(session: Session, file: RecordedFile) {
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
   * @returns the number of the receipt; undefined if nothing is written down.
   */
  complete(path: string, digest: Digest): number | undefined {
    const { audit } = this.#session.services;
    const sha256 = typeof digest === 'object' ? undefined : digest;
    const outcome = { outcome: 'ok', reason: undefined, sha256 } as const;
    const number = audit.record({ ...this.#facts(path), ...outcome });
    if (number !== undefined && typeof digest === 'object') {
      const add = (late: string | undefined) => late && audit.addDigest(number, late);
      digest.then(add).catch(() => undefined);
    }
    return number;
  }

  failed(path: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const outcome = { outcome: 'failed', reason, sha256: undefined } as const;
    this.#session.services.audit.record({ ...this.#facts(path), ...outcome });
  }

  #facts(path: string) {
    const { id: session, peerAddress: address, username = '', services } = this.#session;
    const atMs = services.now();
    const { verb, direction, offsetBytes } = this.#file;
    return {
      kind: 'transfer',
      atMs,
      session,
      address,
      username,
      verb,
      direction,
      offsetBytes,
      path,
      movedBytes: this.#transfer?.movedBytes ?? 0,
      durationMs: atMs - this.#startedMs,
    } as const;
  }
}
