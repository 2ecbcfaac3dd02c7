import { join } from 'node:path';
import type { NewestItem, TrashRepository, TrashRow } from '../../db/trash-repository.ts';
import { namesByAccount } from '../disk/account-directories.ts';
import { lstat, unlink } from '../disk/disk.ts';
import { homePathOf } from '../disk/home-place.ts';
import { isSameFile } from '../disk/same-file.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { TrashItem } from './trash-item.ts';

/** Rows in memory at a time, beside what is kept of them. */
const PAGE_ROWS = 2000;

/** A directory for files that no row knows. */
interface UnknownFiles {
  putAside(account: string, name: string): Promise<void>;
  bringBack(account: string, name: string): Promise<boolean>;
}

interface Deps {
  readonly rootDir: string;
  readonly trashDir: string;
  readonly trash: Pick<TrashRepository, 'listPage' | 'newestOfEach' | 'remove'>;
  /** An account whose home is elsewhere; without it, all others. */
  readonly of?: number | undefined;
  readonly unknown: UnknownFiles;
  readonly onError: (error: unknown) => void;
}

/** Result of a sweep. */
interface SweptTrash {
  /** The items of each account, the oldest first. */
  readonly known: ReadonlyMap<number, TrashItem[]>;
  /** Ids of the accounts of which trash and database did not agree: their quotas may be wrong, too. */
  readonly mended: ReadonlySet<number>;
}

/**
 * Makes trashes and database agree before anything is served. Rows without a file go: the file was restored or dropped,
 * or has never been deleted. Files without a row are put aside, as the database may be the wrong one.
 */
export async function sweepTrash(deps: Deps): Promise<SweptTrash> {
  const mended = new Set<number>();
  const known = new Map<number, TrashItem[]>();
  await finishReplacements(deps, mended);
  const files = await namesByAccount(deps.trashDir);
  for await (const rows of pages(deps)) {
    const missing: string[] = [];
    for (const row of rows) {
      const account = String(row.accountId);
      const isHere = files.get(account)?.delete(row.id) === true;
      if (!isHere) mended.add(row.accountId);
      if (isHere || (await deps.unknown.bringBack(account, row.id))) keep(known, row);
      else missing.push(row.id);
    }
    await deps.trash.remove(missing);
  }
  await putAsideOthers(files, { deps, mended });
  return { known, mended };
}

/**
 * A file that is replaced has a name in the trash before its own name gets the new file. A crash in between leaves it
 * with both names; it can be the newest item only.
 */
async function finishReplacements(deps: Deps, mended: Set<number>): Promise<void> {
  for (const item of await deps.trash.newestOfEach(deps.of)) {
    try {
      if (!(await isInPlace(item, deps))) continue;
      mended.add(item.accountId);
      await unlink(pathIn(deps, item));
    } catch (error) {
      deps.onError(error);
    }
  }
}

async function isInPlace(item: NewestItem, deps: Deps): Promise<boolean> {
  const kept = await lstat(pathIn(deps, item));
  if (kept === undefined || kept.nlink < 2 || kept.isDirectory()) return false;
  const named = await lstat(join(homePathOf(deps.rootDir, item.home), item.path)).catch(
    () => undefined,
  );
  return named !== undefined && isSameFile(kept, named);
}

function pathIn({ trashDir }: Deps, { accountId, id }: NewestItem): string {
  return join(trashDir, String(accountId), id);
}

function keep(known: Map<number, TrashItem[]>, { accountId, ...item }: TrashRow): void {
  const ofAccount = known.get(accountId) ?? [];
  ofAccount.push({ ...item, path: item.path as VirtualPath });
  known.set(accountId, ofAccount);
}

async function putAsideOthers(
  files: ReadonlyMap<string, ReadonlySet<string>>,
  { deps, mended }: { readonly deps: Deps; readonly mended: Set<number> },
): Promise<void> {
  for (const [account, names] of files) {
    if (names.size > 0) mended.add(Number(account));
    for (const name of names) await deps.unknown.putAside(account, name).catch(deps.onError);
  }
}

async function* pages({
  trash,
  of,
}: Pick<Deps, 'trash' | 'of'>): AsyncGenerator<readonly TrashRow[], void> {
  let after: Pick<TrashRow, 'accountId' | 'number'> = { accountId: 0, number: 0 };
  for (;;) {
    const rows = await trash.listPage({ after, limit: PAGE_ROWS, of });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last;
  }
}
