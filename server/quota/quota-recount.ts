import { type Dirent, lstat, opendir } from 'node:fs';
import { join } from 'node:path';
import type { AccountRecord, AccountRepository } from '../../db/account-repository.ts';
import type { QuotaRepository } from '../../db/quota-repository.ts';

/** Sizes asked for at a time. */
const CONCURRENCY = 16;

/** Entries read from a directory at a time. */
const BUFFERED_ENTRIES = 256;

/** Where the files of accounts lie. */
interface Places {
  /** Holds the homes. */
  readonly rootDir: string;
  /** Holds a directory of unfinished uploads per account, named by the account's id. */
  readonly stagingDir: string;
}

interface RecountRequest extends Places {
  readonly accounts: Pick<AccountRepository, 'list'>;
  readonly quotas: Pick<QuotaRepository, 'setUsed'>;
  /** Told of an account whose files could not be measured; its numbers stay as they are. */
  readonly onError: (error: unknown, account: AccountRecord) => void;
}

/**
 * Makes the quotas in the database equal to the disk. Needed after a run that did not end in order, before
 * the first upload is accepted.
 */
export async function recountAccounts(request: RecountRequest): Promise<void> {
  for (const account of await request.accounts.list()) {
    try {
      await request.quotas.setUsed(account.id, await measureAccount(account, request));
    } catch (error) {
      request.onError(error, account);
    }
  }
}

/** The bytes that an account uses: its home and its unfinished uploads. */
export async function measureAccount(
  account: Pick<AccountRecord, 'id' | 'home'>,
  { rootDir, stagingDir }: Places,
): Promise<number> {
  const homeBytes = await recount({ directoryPath: join(rootDir, account.home) });
  return homeBytes + (await recount({ directoryPath: join(stagingDir, String(account.id)) }));
}

/**
 * The sizes of all plain files below a directory, in bytes; 0 if it does not exist. Symbolic links are
 * not followed. Files that come and go meanwhile may count or not.
 *
 * @throws the system's error for a directory that cannot be read.
 */
export async function recount({
  directoryPath,
}: {
  readonly directoryPath: string;
}): Promise<number> {
  const pending = [Buffer.from(directoryPath)];
  let sizeBytes = 0;
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    sizeBytes += await measureDirectory(path, pending);
  }
  return sizeBytes;
}

async function measureDirectory(path: Buffer, subdirectories: Buffer[]): Promise<number> {
  const directory = await openIfThere(path);
  if (directory === undefined) return 0;
  let sizeBytes = 0;
  let files: Buffer[] = [];
  for await (const entry of directory) {
    if (entry.isDirectory()) subdirectories.push(pathOf(path, entry));
    if (entry.isFile()) files.push(pathOf(path, entry));
    if (files.length < CONCURRENCY) continue;
    sizeBytes += await measureFiles(files);
    files = [];
  }
  return sizeBytes + (await measureFiles(files));
}

async function measureFiles(paths: readonly Buffer[]): Promise<number> {
  const sizes = await Promise.all(paths.map(measureFile));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function measureFile(path: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    lstat(path, (error, stats) => {
      if (error === null) resolve(stats.isFile() ? stats.size : 0);
      else if (isGone(error)) resolve(0);
      else reject(error);
    });
  });
}

/** Names on the disk are bytes and need not be UTF-8: as text, some could not be found again. */
function openIfThere(path: Buffer): Promise<AsyncIterable<Dirent<Buffer>> | undefined> {
  // The typings know 'buffer' for readdir only; opendir takes it too, and then names are Buffers.
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: BUFFERED_ENTRIES };
  return new Promise((resolve, reject) => {
    opendir(path, options, (error, directory) => {
      if (error === null)
        resolve(directory as AsyncIterable<unknown> as AsyncIterable<Dirent<Buffer>>);
      else if (isGone(error)) resolve(undefined);
      else reject(error);
    });
  });
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const SLASH = Buffer.from('/');

function pathOf(directory: Buffer, entry: Dirent<Buffer>): Buffer {
  return Buffer.concat([directory, SLASH, entry.name]);
}
