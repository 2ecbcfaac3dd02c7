import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRepository } from '../../db/account-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import { longestPathHere } from '../disk/longest-path.ts';
import type { Durability } from '../files/durability.ts';
import { PartialRows } from '../files/partial-rows.ts';
import { STAGING_DIRECTORY } from '../files/staging-directory.ts';
import { UnknownUploads } from '../files/unknown-uploads.ts';
import type { UserFileSystem } from '../files/user-file-system.ts';
import { UserStorages } from '../files/user-storages.ts';
import type { WritableSpace } from '../files/writable-space.ts';
import { AccountRecount, type RecountedSpace } from '../quota/account-recount.ts';
import { QuotaLedger } from '../quota/quota-ledger.ts';
import { recount } from '../quota/quota-recount.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';

const signal = new AbortController().signal;

interface Options {
  readonly workers: Pick<WorkerPool, 'start'>;
  readonly durability: Durability;
  readonly limitBytes: number;
  readonly sessions: number;
  /** The space as the recount sees it. */
  readonly seen?: (space: WritableSpace) => RecountedSpace;
}

/** An account with all that changes what it is charged for, without a server. */
export class RecountedAccount {
  readonly sessions: readonly UserFileSystem[];
  readonly homePath: string;
  readonly #database: Database;
  readonly #rootDir: string;
  readonly #ledger: QuotaLedger;
  readonly #storages: UserStorages;
  readonly #recount: AccountRecount;
  readonly #account: Account;

  private constructor(parts: {
    database: Database;
    rootDir: string;
    ledger: QuotaLedger;
    storages: UserStorages;
    recount: AccountRecount;
    account: Account;
    sessions: readonly UserFileSystem[];
  }) {
    this.#database = parts.database;
    this.#rootDir = parts.rootDir;
    this.#ledger = parts.ledger;
    this.#storages = parts.storages;
    this.#recount = parts.recount;
    this.#account = parts.account;
    this.sessions = parts.sessions;
    this.homePath = join(parts.rootDir, 'anna');
  }

  static async create(options: Options): Promise<RecountedAccount> {
    const { workers, durability, limitBytes, seen = (space) => space } = options;
    const rootDir = await mkdtemp(join(tmpdir(), 'myftp-recount-'));
    const database = openDatabase(':memory:');
    await migrate(database.queries);
    const id = await new AccountRepository(database.queries).create({
      ...{ username: 'anna', passwordHash: 'x', home: 'anna', createdAtMs: 0, limitBytes },
    });
    const ledger = new QuotaLedger({
      quotas: new QuotaRepository(database.queries),
      dataVersion: () => 1,
      onSettleError: fail,
    });
    const partials = new PartialRepository(database.queries);
    const storages = new UserStorages({
      ...{ rootDir, anonymousDir: undefined, ledger, partials, durability, now: Date.now },
      unknown: new UnknownUploads(join(rootDir, STAGING_DIRECTORY)),
      partialRows: new PartialRows({ repository: partials, onLateError: fail }),
      onPartialError: fail,
      longestPath: longestPathHere,
    });
    const account: Account = { id, username: 'anna', home: 'anna', kind: 'user' };
    const sessions = [];
    for (let count = 0; count < options.sessions; count += 1) {
      sessions.push(await storages.open(account, {} as never));
    }
    const spaceOf = (accountId: number) => seen(storages.spaceOf(accountId));
    // As the server does, which has its lock in there.
    await storages.spaceOf(id).newStagingFile();
    const recount = new AccountRecount({ rootDir, workers, ledger, spaceOf });
    return new RecountedAccount({
      ...{ database, rootDir, ledger, storages, recount, account, sessions },
    });
  }

  get space(): WritableSpace {
    return this.#storages.spaceOf(this.#account.id);
  }

  async recount(pace: 'slow' | 'fast' = 'fast'): Promise<void> {
    await this.#recount.run(this.#account, { pace, signal });
  }

  async chargedBytes(): Promise<number> {
    return (await this.#ledger.usage(this.#account.id)).usedBytes;
  }

  async bytesOnDisk(): Promise<number> {
    const staging = join(this.#rootDir, STAGING_DIRECTORY, String(this.#account.id));
    const sizes = [this.homePath, staging].map((directoryPath) => recount({ directoryPath }));
    return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions) session.close();
    await this.#ledger.settleAll();
    await this.#database.close();
    await rm(this.#rootDir, { recursive: true });
  }
}

function fail(error: unknown): never {
  throw error;
}
