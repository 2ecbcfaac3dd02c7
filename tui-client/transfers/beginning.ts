import { Failure } from '../errors/failure.ts';
import type { TransferConnection } from '../remote/data/transfer-connection.ts';

/** What is compared before the seam of a file that is resumed, if the server computes no checksums. */
export const OVERLAP_BYTES = 64 * 1024;

/** `unknown` if the server does not let us look. */
export type Beginning = 'yes' | 'no' | 'unknown';

/** A target that the user wants to be resumed, and that is something else than a beginning of the source. */
export function notABeginning(path: string): Failure {
  const advice = 'Overwrite what is no beginning of its source, or keep both.';
  return new Failure('exists', `${path}: is no beginning of the source.`, { advice });
}

/** The last octets of a remote file, and its size; undefined if it cannot be read. */
export async function remoteTail(
  connection: TransferConnection,
  path: string,
  { sizeBytes, signal }: { readonly sizeBytes: number; readonly signal: AbortSignal },
): Promise<{ readonly octets: Buffer; readonly sizeBytes: number } | undefined> {
  const startBytes = Math.max(0, sizeBytes - OVERLAP_BYTES);
  const tail = new Tail();
  try {
    await connection.download(path, { offsetBytes: startBytes, signal, sink: tail.sink });
  } catch (error) {
    signal.throwIfAborted();
    const { name, kind } = error as Partial<Failure>;
    if (name !== 'Failure' || !['denied', 'missing', 'protocol'].includes(kind ?? '')) throw error;
    return undefined;
  }
  // A server that ignores REST sends all of it.
  const hasIgnoredRest = startBytes > 0 && tail.passedBytes === sizeBytes;
  return {
    octets: tail.octets,
    sizeBytes: tail.passedBytes + (hasIgnoredRest ? 0 : startBytes),
  };
}

/** Keeps the last octets of what passes. */
class Tail {
  passedBytes = 0;
  #kept: Buffer = Buffer.alloc(0);

  get octets(): Buffer {
    return this.#kept;
  }

  readonly sink = (octets: Buffer): undefined => {
    this.passedBytes += octets.length;
    this.#kept = Buffer.concat([this.#kept, octets]).subarray(-OVERLAP_BYTES);
  };
}
