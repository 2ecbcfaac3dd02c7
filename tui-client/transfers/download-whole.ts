import { Failure } from '../errors/failure.ts';
import type { Entry } from '../files/place.ts';
import type { OctetSink, TransferConnection } from '../remote/data/transfer-connection.ts';

interface Download {
  readonly entry: Entry;
  readonly sink: OctetSink;
  readonly signal: AbortSignal;
}

/**
 * Downloads a file that is read while it arrives.
 *
 * @throws Failure also if it ends before the size that the server has reported.
 */
export async function downloadWhole(
  connection: TransferConnection,
  path: string,
  { entry, sink, signal }: Download,
): Promise<void> {
  let movedBytes = 0;
  const onBytes = (bytes: number) => {
    movedBytes = bytes;
  };
  await connection.download(path, { sink, signal, onBytes });
  const { kind, sizeBytes = 0 } = entry;
  if (kind !== 'file' || movedBytes >= sizeBytes) return;
  // It may have become shorter.
  if ((await connection.place.size(path)) !== movedBytes) {
    throw endedEarly(path, movedBytes, sizeBytes);
  }
}

/** The server's file is intact even if the transfer failed: the download resumes after the received octets. */
export function endedEarly(path: string, movedBytes: number, sizeBytes: number): Failure {
  return new Failure(
    'network',
    `${path}: the data connection ended after ${movedBytes} of ${sizeBytes} bytes.`,
    { isTransient: true },
  );
}
