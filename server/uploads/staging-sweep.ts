import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Partial, PartialRepository } from '../../db/partial-repository.ts';
import { namesByAccount } from '../disk/account-directories.ts';
import { removeDirectory, unlink } from '../disk/disk.ts';
import { type NameContent, NOTHING } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { isAppendCopy, isAppendNote, undoAppend } from './append-file.ts';
import { buryMember, memberOf } from './member-directory.ts';
import { isStagedDirectory } from './new-directory.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { UnknownUploads } from './unknown-uploads.ts';

/** Rows in memory at a time, beside what is kept of them. */
const PAGE_ROWS = 2000;

interface Deps {
  readonly stagingDir: string;
  readonly partials: Pick<PartialRepository, 'listPage' | 'removeAll'>;
  /** An account whose home is elsewhere; without it, all others. */
  readonly of?: number | undefined;
  readonly unknown: UnknownUploads;
  /** Id of this process among the members. */
  readonly memberId: string;
  /** Ids of the members that live: their running uploads are left alone, as are those of this one. */
  readonly living: ReadonlySet<string>;
  readonly onError: (error: unknown) => void;
}

/** Result of a sweep. */
export interface SweptStaging {
  /** The partials of each account. */
  readonly known: ReadonlyMap<number, PartialUpload[]>;
  /** Ids of the accounts of which staging area and database did not agree: their quotas may be wrong, too. */
  readonly mended: ReadonlySet<number>;
}

/**
 * Makes staging areas and database agree before anything is served. Dead members are buried first. Then rows without a
 * file go, and files without a row are put aside: a database that was lost, or is older than the files, is no reason to
 * delete what clients have sent. No file with a row is looked at, so that the start takes little longer with 100,000.
 */
export async function sweepStaging(deps: Deps): Promise<SweptStaging> {
  const staged = await namesByAccount(deps.stagingDir);
  const sweep = new ChunkedTask(staged, deps);
  await sweep.buryDead();
  await sweep.finishChanges();
  for await (const rows of pages(deps)) await sweep.match(rows);
  await sweep.putAsideOthers();
  return sweep;
}

class ChunkedTask implements SweptStaging {
  readonly known = new Map<number, PartialUpload[]>();
  readonly mended = new Set<number>();
  readonly #deps: Deps;
  /** Files that nothing is known of so far, by the directory of their account. */
  readonly #staged: ReadonlyMap<string, Set<string>>;
  /** Ids of uploads that living members run. */
  readonly #running = new Set<string>();

  constructor(staged: ReadonlyMap<string, Set<string>>, deps: Deps) {
    this.#staged = staged;
    this.#deps = deps;
  }

  /**
   * Brings the uploads of dead members into the directories of their accounts. See {@link buryMember}. A failure ends the sweep:
   * the rows of what was not found would go.
   */
  async buryDead(): Promise<void> {
    for (const [account, names] of this.#staged) {
      const stagingPath = join(this.#deps.stagingDir, account);
      // What an earlier burial has left comes first.
      for (const name of memberNamesIn(names).sort()) {
        names.delete(name);
        await this.#buryIfDead(stagingPath, { name, names });
      }
    }
  }

  async #buryIfDead(
    stagingPath: string,
    { name, names }: { readonly name: string; readonly names: Set<string> },
  ): Promise<void> {
    const { living, memberId: heirId } = this.#deps;
    const id = memberOf(name) ?? '';
    if (id === heirId || living.has(id)) {
      for (const file of await readdir(join(stagingPath, name))) this.#running.add(file);
      return;
    }
    for (const file of buryMember(stagingPath, { name, heirId })) names.add(file);
  }

  /**
   * Takes back appends that were under way, and removes what is known to be left of them, and of MKD. A note that cannot be followed
   * stays for the next start.
   */
  async finishChanges(): Promise<void> {
    for (const [account, names] of this.#staged) {
      for (const name of names) {
        if (!isAppendNote(name) && !isAppendCopy(name) && !isStagedDirectory(name)) continue;
        this.mended.add(Number(account));
        names.delete(name);
        const path = join(this.#deps.stagingDir, account, name);
        await finish(path).catch(this.#deps.onError);
      }
    }
  }

  /** Finds the files of rows. */
  async match(rows: readonly Partial[]): Promise<void> {
    const { stagingDir, unknown, partials } = this.#deps;
    const missing: string[] = [];
    for (const row of rows) {
      if (this.#running.has(row.id)) continue;
      const account = String(row.accountId);
      const isStaged = this.#staged.get(account)?.delete(row.id) === true;
      if (!isStaged) this.mended.add(row.accountId);
      if (!isStaged && !(await unknown.bringBack(account, row.id))) missing.push(row.id);
      // Unlike `join`, this shares the memory of the id and copies nothing.
      else this.#keep(row, `${stagingDir}/${account}/${row.id}`);
    }
    await partials.removeAll(missing);
  }

  async putAsideOthers(): Promise<void> {
    const { unknown, onError } = this.#deps;
    for (const [account, names] of this.#staged) {
      if (names.size > 0) this.mended.add(Number(account));
      for (const name of names) await unknown.putAside(account, name).catch(onError);
    }
  }

  #keep(row: Partial, diskPath: string): void {
    const { accountId, id, createdAtMs, cutAtMs, beginNumber, makesWay } = row;
    const path = row.path as VirtualPath;
    // Most names held nothing: one string serves all of them.
    const held = row.held === NOTHING ? NOTHING : (row.held as NameContent | undefined);
    const ofAccount = this.known.get(accountId) ?? [];
    // Spelled out: an object that is copied by spreading takes twice the memory.
    ofAccount.push({ id, path, diskPath, createdAtMs, cutAtMs, held, beginNumber, makesWay });
    this.known.set(accountId, ofAccount);
  }
}

function memberNamesIn(names: ReadonlySet<string>): string[] {
  return [...names].filter((name) => memberOf(name) !== undefined);
}

async function finish(path: string): Promise<void> {
  if (isStagedDirectory(path)) return removeDirectory(path);
  if (isAppendNote(path)) await undoAppend(path);
  await unlink(path);
}

async function* pages({
  partials,
  of,
}: Pick<Deps, 'partials' | 'of'>): AsyncGenerator<readonly Partial[], void> {
  let rows = await partials.listPage({ afterId: '', limit: PAGE_ROWS, of });
  while (rows.length > 0) {
    yield rows;
    rows = await partials.listPage({ afterId: rows.at(-1)?.id ?? '', limit: PAGE_ROWS, of });
  }
}
