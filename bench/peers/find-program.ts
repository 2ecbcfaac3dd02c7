import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/**
 * The path of an installed program: from `MYFTP_BENCH_PEERS` (where `.ci/install-peers.sh` unpacks),
 * from PATH, or from where the system keeps its servers.
 */
export function findProgram(name: string): string | undefined {
  return searchPath()
    .map((directoryPath) => join(directoryPath, name))
    .find(isExecutable);
}

function searchPath(): string[] {
  const unpacked = process.env.MYFTP_BENCH_PEERS;
  const folders = ['usr/sbin', 'usr/bin', 'sbin', 'bin', '.'];
  return [
    ...(unpacked === undefined ? [] : folders.map((folder) => join(unpacked, folder))),
    ...(process.env.PATH ?? '').split(':'),
    '/usr/sbin',
    '/usr/local/sbin',
  ];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
