import { mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartialRepository } from '../../db/partial-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import type { ConnectionContract } from '../ftp-srv-internals.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { ignoreMissing, unlink } from './disk.ts';
import { Jail } from './jail.ts';
import { type PartialUpload, PartialUploads } from './partial-uploads.ts';
import { restoreDirectories } from './restore-directories.ts';
import { STAGING_DIRECTORY } from './staging-directory.ts';
import { UserFileSystem } from './user-file-system.ts';
import { UserStorage } from './user-storage.ts';
import type { VirtualPath } from './virtual-path.ts';

interface Parts {
  readonly rootDir: string;
  readonly anonymousDir: string | undefined;
  readonly ledger: QuotaLedger;
  readonly partials: PartialRepository;
  readonly now: () => number;
  readonly onPartialError: (error: unknown) => void;
}

/** The disks of all accounts. Sessions of one account share what must be one: partials and locks. */
export class UserStorages {
  readonly #parts: Parts;
  readonly #opened = new Map<number, Promise<UserStorage>>();
  readonly #knownPartials = new Map<number, PartialUpload[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes staging areas and database agree after a run that ended badly: files that no partial upload is
   * known for go, and so do partials without a file.
   *
   * @returns whether anything was amiss: then the quotas may be, too.
   */
  async sweep(): Promise<'in order' | 'mended'> {
    const { rootDir, partials } = this.#parts;
    const stagingRoot = join(rootDir, STAGING_DIRECTORY);
    let missing = 0;
    const onDisk = await filesOfSubdirectories(stagingRoot);
    for (const { id, accountId, path, createdAtMs } of await partials.listAll()) {
      const diskPath = join(stagingRoot, String(accountId), id);
      if (!onDisk.delete(diskPath)) {
        await partials.remove(id);
        missing += 1;
        continue;
      }
      const known = this.#knownPartials.get(accountId) ?? [];
      known.push({ id, path: path as VirtualPath, diskPath, createdAtMs });
      this.#knownPartials.set(accountId, known);
    }
    for (const stray of onDisk) await unlink(stray);
    return onDisk.size === 0 && missing === 0 ? 'in order' : 'mended';
  }

  /** The account's files, for one session. Its directory is made if it is missing. */
  async open(account: Account, connection: ConnectionContract): Promise<UserFileSystem> {
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
    const { anonymousDir, rootDir, ledger, partials } = this.#parts;
    if (account.kind === 'anonymous') {
      const jail = new Jail(await realpath(anonymousDir ?? ''));
      return new UserStorage({ jail, accountId: account.id, writing: undefined });
    }
    const home = join(rootDir, account.home);
    await mkdir(home, { recursive: true, mode: 0o750 });
    const known = this.#knownPartials.get(account.id) ?? [];
    const jail = new Jail(await realpath(home));
    await restoreDirectories(jail, known);
    return new UserStorage({
      jail,
      accountId: account.id,
      writing: {
        ledger,
        partials: new PartialUploads({
          accountId: account.id,
          repository: partials,
          known,
          onError: this.#parts.onPartialError,
        }),
        stagingPath: join(rootDir, STAGING_DIRECTORY, String(account.id)),
      },
    });
  }
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
