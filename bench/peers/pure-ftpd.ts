import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerKind } from '../harness/server-kind.ts';
import { TLS_CIPHER } from '../harness/tls.ts';
import {
  BENCH_PASSWORD,
  BENCH_PASSWORD_CRYPT,
  BENCH_USER,
  benchOwner,
  isRoot,
  makeOwnedRoot,
} from './bench-account.ts';
import { findProgram } from './find-program.ts';
import { findServer } from './program-version.ts';

/** More than any directory that is listed here; the default is 10,000 files. */
const LISTING_LIMIT = '50000:8';

/** Pure-FTPd with one virtual account (PureDB). */
export const pureFtpd: ServerKind = {
  name: 'pure-ftpd',
  loginCheck: 'SHA-512 crypt, each time',

  async find() {
    if (!isRoot) return { missing: 'needs root to start' };
    if (findProgram('pure-pw') === undefined) return { missing: 'pure-pw is not installed' };
    return findServer('pure-ftpd', '--help');
  },

  async prepare({ directoryPath, port, certificate }, programPath) {
    const rootPath = makeOwnedRoot(directoryPath);
    return {
      command: [
        programPath,
        ...['-S', `127.0.0.1,${port}`],
        ...['-l', `puredb:${makeAccounts(directoryPath, rootPath)}`],
        ...['-c', '2000', '-C', '2000'],
        ...['-L', LISTING_LIMIT],
        ...['-O', `clf:${join(directoryPath, 'transfers.log')}`],
        ...['-g', join(directoryPath, 'pid')],
        ...(certificate === undefined
          ? []
          : ['-Y', '1', '-2', certificate.bothPath, '-J', TLS_CIPHER]),
        '-A',
        '-E',
        '-H',
      ],
      user: BENCH_USER,
      password: BENCH_PASSWORD,
      rootPath,
    };
  },
};

function makeAccounts(directoryPath: string, rootPath: string): string {
  const textPath = join(directoryPath, 'accounts');
  const databasePath = join(directoryPath, 'accounts.pdb');
  const { uid, gid } = benchOwner;
  const account = `${BENCH_USER}:${BENCH_PASSWORD_CRYPT}:${uid}:${gid}::${rootPath}/./::::::::::::\n`;
  writeFileSync(textPath, account, { mode: 0o600 });
  execFileSync(findProgram('pure-pw') ?? 'pure-pw', ['mkdb', databasePath, '-f', textPath]);
  return databasePath;
}
