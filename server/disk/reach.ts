import { FileNameNotAllowedError } from '../errors/errors.ts';
import type { Jail } from './jail.ts';
import type { VirtualPath } from './virtual-path.ts';

/** Linux takes paths of 4,096 bytes with the NUL at the end (PATH_MAX). */
const MAX_DISK_PATH_BYTES = 4095;

/**
 * Refuses a name that no client could reach afterwards, because its path on disk would be too long for the system.
 *
 * @param belowBytes length of the longest path below it, with the slash in front.
 * @throws FileNameNotAllowedError
 */
export function requireReachable(jail: Jail, path: VirtualPath, belowBytes = 0): void {
  const maxBytes = maxPathBytes(jail);
  const pathBytes = Buffer.byteLength(path) + belowBytes;
  if (pathBytes <= maxBytes) return;
  const what = belowBytes > 0 ? 'The longest path in it would have' : 'Its path would have';
  throw new FileNameNotAllowedError(
    `${what} ${pathBytes} bytes (maximum ${maxBytes}); use shorter names or fewer levels.`,
  );
}

/** The longest path in a client's tree. */
function maxPathBytes({ rootPath }: Jail): number {
  return MAX_DISK_PATH_BYTES - Buffer.byteLength(rootPath);
}
