import type { RunningDigest } from '../files/digest.ts';
import type { OctetSource } from '../remote/data/transfer-connection.ts';

/** A file of known size that can be read from any octet on: of the local disk, or of another server. */
export interface UploadSource {
  readonly facts: { readonly sizeBytes: number; readonly modifiedMs: number | undefined };
  /** Adds what is before the offset to a digest. */
  digestBefore(offsetBytes: number, digest: RunningDigest, signal: AbortSignal): Promise<void>;
  /** Some octets of it; fewer at its end. */
  octetsAt(
    part: { readonly offsetBytes: number; readonly lengthBytes: number },
    signal: AbortSignal,
  ): Promise<Buffer>;
  /** What is from the offset on. A chunk is valid until the next is asked for. */
  read(offsetBytes: number, onRead: (octets: Buffer) => void): OctetSource;
  /** @throws Failure if it is not what it was when it was opened. */
  checkUnchanged(signal: AbortSignal): Promise<void>;
}
