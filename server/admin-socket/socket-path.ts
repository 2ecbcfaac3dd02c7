import { closeSync, constants, openSync } from 'node:fs';

const NAME = 'admin.sock';

/** A path of a socket that is short enough for the system, however deep its directory lies. */
export interface SocketPath {
  readonly path: string;
  /** The path leads nowhere afterwards. */
  close(): void;
}

/**
 * The admin socket of the server with this data directory.
 *
 * @throws the error of the system if the directory cannot be opened.
 */
export function adminSocketPath(dataDir: string): SocketPath {
  const directory = openSync(dataDir, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${directory}/${NAME}`, close: () => closeSync(directory) };
}
