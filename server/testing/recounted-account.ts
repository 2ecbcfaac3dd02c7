import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRepository } from '../../db/account-repository.ts';
import { MemberRepository } from '../../db/member-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import type { Usage } from '../../db/quota-repository.ts';
import { TrashRepository } from '../../db/trash-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Durability } from '../disk/durability.ts';
import { longestPathHere } from '../disk/longest-path.ts';
import type { SessionFiles } from '../files/session-files.ts';
import { UserStorages } from '../files/user-storages.ts';
import { AccountRecount, type RecountedSpace } from '../quota/account-recount.ts';
import { QuotaLedger } from '../quota/quota-ledger.ts';
import { measureAccount, recount } from '../quota/quota-recount.ts';
import { UNLIMITED } from '../quota/unlimited.ts';
import { TRASH_DIRECTORY } from '../trash/trash-directory.ts';
import { TrashRows } from '../trash/trash-rows.ts';
import { PartialRows } from '../uploads/partial-rows.ts';
import type { RoomMaker } from '../uploads/room-maker.ts';
import { UnknownAreas } from '../uploads/unknown-areas.ts';
import type { WritableSpace } from '../uploads/writable-space.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { joinedMember } from './joined-member.ts';

const signal = new AbortController().signal;

interface Options {
  readonly workers: Pick<WorkerPool, 'start'>;
  readonly durability: Durability;
  readonly limitBytes: number;
  readonly limitEntries?: number;
  readonly sessions: number;
  /** Further sessions, of another account that sees all files of the account as a shared folder. */
  readonly sessionsInFolder?: number;
  readonly keepDeletedMs?: number;
  /** The space as the recount sees it. */
  readonly seen?: (space: WritableSpace) => RecountedSpace;
  /** Deletes files for uploads. */
  readonly roomMaker?: (parts: RoomMakerParts) => RoomMaker;
}

/** What a maker of room works with. */
interface RoomMakerParts {
  readonly account: Account;
  readonly storages: UserStorages;
  readonly workers: Pick<WorkerPool, 'start'>;
}

/** An account with all that changes what it is charged for, without a server. */
export class RecountedAccount {
  readonly sessions: readonly SessionFiles[];
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
    sessions: readonly SessionFiles[];
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
    const limitEntries = options.limitEntries ?? UNLIMITED;
    const rootDir = await mkdtemp(join(tmpdir(), 'myftp-recount-'));
    const database = openDatabase(':memory:');
    await migrate(database.queries);
    const accounts = new AccountRepository(database.queries);
    const row = { passwordHash: 'x', createdAtMs: 0, limitBytes, limitEntries };
    const id = await accounts.create({ ...row, username: 'anna', home: 'anna' });
    const memberId = await accounts.create({ ...row, username: 'ben', home: 'ben' });
    const ledger = new QuotaLedger({
      quotas: await joinedMember(database),
      inUploads: (accountId) => storages.inUploads(accountId),
      dataVersion: () => 1,
      onSettleError: fail,
    });
    const partials = new PartialRepository(database.queries);
    const storages: UserStorages = new UserStorages({
      ...{ rootDir, anonymousDir: undefined, accounts, ledger, partials, durability },
      ...{ memberId: 'one', members: new MemberRepository(database.queries) },
      now: Date.now,
      unknown: new UnknownAreas(),
      partialRows: new PartialRows({ repository: partials, onLateError: fail }),
      onPartialError: fail,
      trash: trashIn({ database, keepMs: options.keepDeletedMs ?? 0 }),
      longestPath: longestPathHere,
    });
    const account: Account = { id, username: 'anna', home: 'anna', kind: 'user' };
    const { roomMaker } = options;
    if (roomMaker !== undefined) storages.makeRoomBy(roomMaker({ account, storages, workers }));
    const sessions: SessionFiles[] = [];
    for (let count = 0; count < options.sessions; count += 1) {
      sessions.push(await storages.open(account));
    }
    for (let count = 0; count < (options.sessionsInFolder ?? 0); count += 1) {
      sessions.push(await openInFolder(storages, { ownerId: id, memberId }));
    }
    const spaceOf = (accountId: number) => seen(storages.spaceOf(accountId));
    // As in the server, whose lock is in there.
    await storages.spaceOf(id).staging.newFile();
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

  /** Bytes and entries that the account is charged for. */
  async charged(): Promise<Usage> {
    const { usedBytes: bytes, usedEntries: entries } = await this.#ledger.usage(this.#account.id);
    return { bytes, entries };
  }

  /** Bytes and entries of the account on disk. */
  async onDisk(): Promise<Usage> {
    const trashBytes = (id: number) =>
      recount({ directoryPath: join(this.#rootDir, TRASH_DIRECTORY, String(id)) });
    const places = { rootDir: this.#rootDir, trashBytes };
    const { bytes, entries } = (await measureAccount(this.#account, places)).measurement;
    return { bytes, entries };
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions) session.close();
    await this.#ledger.settleAll();
    await this.#database.close();
    await rm(this.#rootDir, { recursive: true });
  }
}

/** A session that works in a shared folder. */
async function openInFolder(
  storages: UserStorages,
  { ownerId, memberId }: { readonly ownerId: number; readonly memberId: number },
): Promise<SessionFiles> {
  const at = '/shared';
  const mount = { folder: 'shared', accountId: ownerId, directory: '/', at, isReadOnly: false };
  const member = { id: memberId, username: 'ben', home: 'ben', folders: [mount] };
  const session = await storages.open({ ...member, kind: 'user' });
  await session.chdir(at);
  return session;
}

function trashIn({ database, keepMs }: { readonly database: Database; readonly keepMs: number }) {
  const repository = new TrashRepository(database.queries);
  return {
    repository,
    rows: new TrashRows({ repository, onError: fail }),
    unknown: new UnknownAreas('deleted files'),
    defaultKeepMs: () => keepMs,
    ...{ isCharging: true, now: Date.now, onError: fail },
  };
}

function fail(error: unknown): never {
  throw error;
}
