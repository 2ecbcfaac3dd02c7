import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartialRepository } from '../../db/partial-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import type { ConnectionContract } from '../ftp-srv-internals.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { isAppendNote, undoAppend } from './append-file.ts';
import { ignoreMissing, unlink } from './disk.ts';
import type { Durability } from './durability.ts';
import { Jail } from './jail.ts';
import type { NameContent } from './name-content.ts';
import type { PartialRows } from './partial-rows.ts';
import { type PartialUpload, PartialUploads } from './partial-uploads.ts';
import { restoreDirectories } from './restore-directories.ts';
import { STAGING_DIRECTORY } from './staging-directory.ts';
import { UserFileSystem } from './user-file-system.ts';
import { type LongestPath, UserStorage } from './user-storage.ts';
import type { VirtualPath } from './virtual-path.ts';
import { WritableSpace } from './writable-space.ts';

interface Parts {
  readonly rootDir: string;
  readonly anonymousDir: string | undefined;
  readonly ledger: QuotaLedger;
  readonly partials: PartialRepository;
  readonly partialRows: PartialRows;
  readonly now: () => number;
  readonly durability: Durability;
  readonly onPartialError: (error: unknown) => void;
  readonly longestPath: LongestPath;
}

/** The disks of all accounts. Sessions of one account share what must be one: partials and locks. */
export class UserStorages {
  readonly #parts: Parts;
  readonly #homes: HomeDirectories;
  readonly #opened = new Map<number, Promise<UserStorage>>();
  readonly #spaces = new Map<number, WritableSpace>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#homes = new HomeDirectories(parts.rootDir);
  }

  /** Of all accounts that have written anything, or may have left something unfinished. */
  get spaces(): Iterable<WritableSpace> {
    return this.#spaces.values();
  }

  /** What an account may fill, also of one that nobody is logged in to. */
  spaceOf(accountId: number): WritableSpace {
    return this.#spaces.get(accountId) ?? this.#addSpace(accountId, []);
  }

  /**
   * Makes staging areas and database agree after a run that ended badly: files that no partial upload is
   * known for go, and so do partials without a file.
   *
   * @returns whether anything was amiss: then the quotas may be, too.
   */
  async sweep(): Promise<'in order' | 'mended'> {
    const { rootDir, partials } = this.#parts;
    const onDisk = await filesOfSubdirectories(join(rootDir, STAGING_DIRECTORY));
    const known = new Map<number, PartialUpload[]>();
    let missing = 0;
    for (const notePath of [...onDisk].filter(isAppendNote)) {
      await undoAppend(notePath).catch(this.#parts.onPartialError);
    }
    for (const { accountId, ...partial } of await partials.listAll()) {
      const diskPath = join(this.#stagingPath(accountId), partial.id);
      if (!onDisk.delete(diskPath)) {
        await partials.remove(partial.id);
        missing += 1;
        continue;
      }
      const path = partial.path as VirtualPath;
      const cutAtMs = await lastWorkedOn(diskPath, partial.cutAtMs);
      const ofAccount = known.get(accountId) ?? [];
      const held = partial.held as NameContent | undefined;
      ofAccount.push({ ...partial, path, diskPath, cutAtMs, held });
      known.set(accountId, ofAccount);
    }
    for (const [accountId, ofAccount] of known) this.#addSpace(accountId, ofAccount);
    for (const stray of onDisk) await unlink(stray);
    return onDisk.size === 0 && missing === 0 ? 'in order' : 'mended';
  }

  /** The account's files, for one session. Its directory is made if it is missing. */
  async open(account: Account, connection: ConnectionContract): Promise<UserFileSystem> {
    if (account.kind === 'user') await this.#homes.ensure(account.home);
    const opening = this.#opened.get(account.id) ?? this.#openStorage(account);
    this.#opened.set(account.id, opening);
    try {
      return new UserFileSystem({ connection, storage: await opening, now: this.#parts.now });
    } catch (error) {
      this.#opened.delete(account.id);
      throw error;
    }
  }

  async #openStorage(account: Account): Promise<UserStorage> {
    const { anonymousDir, longestPath } = this.#parts;
    if (account.kind === 'anonymous') {
      const jail = new Jail(await realpath(anonymousDir ?? ''));
      return new UserStorage({ jail, accountId: account.id, writing: undefined });
    }
    const jail = new Jail(await realpath(this.#homes.pathOf(account.home)));
    const writing = this.spaceOf(account.id);
    await restoreDirectories(jail, writing);
    return new UserStorage({ jail, accountId: account.id, writing, longestPath });
  }

  #addSpace(accountId: number, known: readonly PartialUpload[]): WritableSpace {
    const { ledger, durability, partialRows: repository, onPartialError: onError } = this.#parts;
    const partials = new PartialUploads({ accountId, repository, known, onError });
    const stagingPath = this.#stagingPath(accountId);
    const space = new WritableSpace({ accountId, ledger, partials, stagingPath, durability });
    this.#spaces.set(accountId, space);
    return space;
  }

  #stagingPath(accountId: number): string {
    return join(this.#parts.rootDir, STAGING_DIRECTORY, String(accountId));
  }
}

/** A run that ended badly may have worked on an upload for long after it was written down. */
async function lastWorkedOn(diskPath: string, writtenDownMs: number): Promise<number> {
  const { ctimeMs } = await stat(diskPath);
  return Math.max(writtenDownMs, Math.floor(ctimeMs));
}

async function filesOfSubdirectories(directory: string): Promise<Set<string>> {
  const files = new Set<string>();
  const entries = await readdir(directory, { withFileTypes: true }).catch(ignoreMissing);
  for (const entry of entries ?? []) {
    if (!entry.isDirectory()) continue;
    const path = join(directory, entry.name);
    for (const name of await readdir(path)) files.add(join(path, name));
  }
  return files;
}
