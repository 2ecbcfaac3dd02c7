import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AccountRepository } from '../../db/account-repository.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { TrashRepository } from '../../db/trash-repository.ts';
import { isStill, type NameContent } from '../../server/disk/name-content.ts';
import { TRASH_DIRECTORY } from '../../server/trash/trash-directory.ts';
import type { Observed } from './tree.ts';

/** What is on the disk and in the database for one account. */
export interface AccountFindings extends Observed {
  /** All plain files of the account, those in the staging area and counted ones in the trash included. */
  readonly bytes: number;
  /** What the database calls used. */
  readonly usedBytes: number;
  readonly stagedFiles: number;
  /** Ids of partials that are seen under their names, and make way when room is needed. */
  readonly makingWay: ReadonlyMap<string, string>;
  /** What staging area, trash and database do not agree on. */
  readonly faults: readonly string[];
}

/** Members that have not left, and accounts that they have something reserved for. None after a stop. */
export async function unsettled(directory: string): Promise<{ members: number; escrows: number }> {
  const { queries, close } = openDatabase(join(directory, 'myftp.db'));
  try {
    const members = await queries.selectFrom('member').select('id').execute();
    const escrows = await queries.selectFrom('quota_escrow').select('account_id').execute();
    return { members: members.length, escrows: escrows.length };
  } finally {
    await close();
  }
}

/** Looks at the data directory of a server, beside it. */
export async function observe(
  directory: string,
  usernames: readonly string[],
): Promise<Map<string, AccountFindings>> {
  const database = openDatabase(join(directory, 'myftp.db'));
  try {
    const found = new Map<string, AccountFindings>();
    for (const username of usernames) {
      found.set(username, await observeAccount({ directory, username, database }));
    }
    return found;
  } finally {
    await database.close();
  }
}

async function observeAccount(parts: {
  directory: string;
  username: string;
  database: Database;
}): Promise<AccountFindings> {
  const { directory, username, database } = parts;
  const account = await new AccountRepository(database.queries).findByUsername(username);
  const id = account?.id ?? -1;
  const home = await treeOf(join(directory, 'files', username));
  const staged = await treeOf(join(directory, 'files/.myftp-staging', String(id)));
  const rows = await new PartialRepository(database.queries).listAll();
  const partials = new Map<string, Buffer>();
  const faults: string[] = [];
  const unknown = new Set(staged.files.keys());
  const makingWay = new Map<string, string>();
  // The one that was begun last has the name, if the name holds what it held.
  for (const row of rows.filter(({ accountId }) => accountId === id)) {
    const octets = staged.files.get(`/${row.id}`);
    unknown.delete(`/${row.id}`);
    if (octets === undefined) faults.push(`${row.path}: a partial without a staging file`);
    if (octets === undefined || row.held === undefined) continue;
    const stats = await lstat(join(directory, 'files', username, row.path)).catch(() => undefined);
    partials.delete(row.path);
    makingWay.delete(row.path);
    if (!isStill(row.held as NameContent, stats)) continue;
    partials.set(row.path, octets);
    if (row.makesWay) makingWay.set(row.path, row.id);
  }
  for (const name of unknown) faults.push(`${username}: stray staging file ${name}`);
  const trash = await observeTrash({ directory, database, accountId: id });
  faults.push(...trash.faults.map((fault) => `${username}: ${fault}`));
  const quota = await new QuotaRepository(database.queries).find(id);
  return {
    directories: home.directories,
    files: home.files,
    partials,
    bytes: bytesOf(home.files) + bytesOf(staged.files) + trash.chargedBytes,
    usedBytes: quota?.usedBytes ?? -1,
    stagedFiles: staged.files.size,
    makingWay,
    faults,
  };
}

/** The rows of a trash, compared with its files: both have to be there, and no file may have a second name. */
async function observeTrash(parts: {
  readonly directory: string;
  readonly database: Database;
  readonly accountId: number;
}): Promise<{ readonly chargedBytes: number; readonly faults: readonly string[] }> {
  const { directory, database, accountId } = parts;
  const path = join(directory, 'files', TRASH_DIRECTORY, String(accountId));
  const faults: string[] = [];
  const files = new Set(await readdir(path).catch(() => []));
  const after = { accountId: 0, number: 0 };
  const rows = await new TrashRepository(database.queries).listPage({ after, limit: 100_000 });
  let chargedBytes = 0;
  for (const row of rows.filter((one) => one.accountId === accountId)) {
    files.delete(row.id);
    const stats = await lstat(join(path, row.id)).catch(() => undefined);
    if (stats === undefined) faults.push(`${row.path}: an item of the trash without a file`);
    if (stats?.isFile() !== true) continue;
    if (stats.nlink > 1) faults.push(`${row.path}: an item of the trash with a second name`);
    if (stats.size !== row.sizeBytes) faults.push(`${row.path}: ${stats.size} bytes in the trash`);
    if (row.isCharged) chargedBytes += stats.size;
  }
  for (const name of files) faults.push(`stray file ${name} in the trash`);
  return { chargedBytes, faults };
}

async function treeOf(
  directory: string,
): Promise<{ directories: Set<string>; files: Map<string, Buffer> }> {
  const directories = new Set<string>();
  const files = new Map<string, Buffer>();
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(
    () => [],
  );
  for (const entry of entries) {
    const diskPath = join(entry.parentPath, entry.name);
    const path = diskPath.slice(directory.length);
    if (entry.isDirectory()) directories.add(path);
    else files.set(path, await readFile(diskPath));
  }
  return { directories, files };
}

function bytesOf(files: ReadonlyMap<string, Buffer>): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

/** The part of what was found that lies in one directory. */
export function within(found: Observed, home: string): Observed {
  const isWithin = (path: string) => path === home || path.startsWith(`${home}/`);
  const only = <Value>(map: ReadonlyMap<string, Value>) =>
    new Map([...map].filter(([path]) => isWithin(path)));
  return {
    directories: new Set([...found.directories].filter(isWithin)),
    files: only(found.files),
    partials: only(found.partials),
  };
}
