import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The account that the bench logs in to, on servers that have accounts. */
export const BENCH_USER = 'bench';
export const BENCH_PASSWORD = 'password';

/** `BENCH_PASSWORD` as SHA-512 crypt with the usual 5,000 rounds (`openssl passwd -6`). */
export const BENCH_PASSWORD_CRYPT =
  '$6$myftpbench$.OnhwXm6qBo22/tL4Hez.iKLIEYmoaTL5kp8QuFJ6DM2jLyqRcc3cPs.JpRF066jWmS44VWf.u9hUYoZYUFQ/.';

const NOBODY = 65_534;

export const isRoot = process.getuid?.() === 0;

/** Whom the files belong to: servers started by root do not serve root itself. */
export const benchOwner = isRoot
  ? { uid: NOBODY, gid: NOBODY }
  : { uid: process.getuid?.() ?? NOBODY, gid: process.getgid?.() ?? NOBODY };

/** Makes the directory that is `/` to the client. */
export function makeRoot(directoryPath: string): string {
  const rootPath = join(directoryPath, 'root');
  mkdirSync(rootPath, { mode: 0o755 });
  return rootPath;
}

/** Makes the directory that is `/` to the client, and gives it to the bench's account. */
export function makeOwnedRoot(directoryPath: string): string {
  const rootPath = makeRoot(directoryPath);
  chownSync(rootPath, benchOwner.uid, benchOwner.gid);
  return rootPath;
}
