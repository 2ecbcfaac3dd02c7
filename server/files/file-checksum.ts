import { RestartMarkerError } from '../errors.ts';
import type { Session } from '../session.ts';
import type { ChecksumAlgorithm } from './checksum.ts';
import type { VirtualPath } from './virtual-path.ts';

interface ChecksumWish {
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
export async function fileChecksum(session: Session, wish: ChecksumWish): Promise<FileChecksum> {
  const file = await session.files.read(wish.pathname);
  try {
    const { descriptor, stats, path } = file;
    const { startBytes = 0, endBytes = stats.size } = wish;
    if (startBytes > endBytes || endBytes > stats.size) {
      throw new RestartMarkerError(
        `The range lies outside ${path}, which has ${stats.size} bytes.`,
      );
    }
    const identity = {
      device: stats.dev,
      inode: stats.ino,
      sizeBytes: stats.size,
      modifiedMs: stats.mtimeMs,
      changedMs: stats.ctimeMs,
    };
    const digest = await session.abortable((signal) =>
      session.services.checksums.compute({
        descriptor,
        identity,
        algorithm: wish.algorithm,
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
