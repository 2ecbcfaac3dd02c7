import type { Checksums } from '../checksums/checksum.ts';
import type { ChecksumAlgorithm } from '../checksums/checksum-names.ts';
import { fileIdentity } from '../checksums/file-identity.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { RestartMarkerError } from '../errors/errors.ts';
import type { ReadableFile } from '../files/visible-files.ts';

interface FileChecksumRequest {
  readonly pathname: string;
  readonly algorithm: ChecksumAlgorithm;
  readonly startBytes?: number;
  /** Offset of the first byte that does not count; the end of the file if left out. */
  readonly endBytes?: number;
}

export interface FileChecksum {
  readonly path: VirtualPath;
  readonly digest: string;
  readonly startBytes: number;
  readonly endBytes: number;
}

/**
 * Computes a checksum of one of the session's files; ABOR ends it.
 *
 * @throws RestartMarkerError if the range does not lie inside the file.
 */
export async function fileChecksum(
  session: SessionContext,
  request: FileChecksumRequest,
): Promise<FileChecksum> {
  const file = await session.files.read(request.pathname);
  try {
    const { descriptor, stats, path } = file;
    const { startBytes = 0, endBytes = stats.size } = request;
    if (startBytes > endBytes || endBytes > stats.size) {
      throw new RestartMarkerError(
        `The range lies outside ${path}, which has ${stats.size} bytes.`,
      );
    }
    const digest = await session.abortable((signal) =>
      session.services.checksums.compute({
        descriptor,
        identity: fileIdentity(stats),
        algorithm: request.algorithm,
        startBytes,
        endBytes,
        signal,
      }),
    );
    return { path, digest, startBytes, endBytes };
  } finally {
    file.close();
  }
}

/** Computes a checksum of an open file, which may be closed before it is finished. */
export function wholeFileChecksum(
  checksums: Checksums,
  { descriptor, stats }: ReadableFile,
  request: { readonly algorithm: ChecksumAlgorithm; readonly signal: AbortSignal },
): Promise<string> {
  const range = { startBytes: 0, endBytes: stats.size };
  return checksums.compute({ descriptor, identity: fileIdentity(stats), ...range, ...request });
}
