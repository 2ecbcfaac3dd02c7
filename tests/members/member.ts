import { join } from 'node:path';
import { EscrowRepository } from '../../db/escrow-repository.ts';
import { MemberRepository } from '../../db/member-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import { TrashRepository } from '../../db/trash-repository.ts';
import type { Account } from '../../server/accounts/accounts.ts';
import { noSync } from '../../server/disk/durability.ts';
import { longestPathHere } from '../../server/disk/longest-path.ts';
import { UserStorages } from '../../server/files/user-storages.ts';
import { QuotaLedger } from '../../server/quota/quota-ledger.ts';
import { ENDLESS_TRANSFER } from '../../server/testing/endless-transfer.ts';
import { TrashRows } from '../../server/trash/trash-rows.ts';
import { PartialRows } from '../../server/uploads/partial-rows.ts';
import { UnknownAreas } from '../../server/uploads/unknown-areas.ts';
import type { UploadFile } from '../../server/uploads/upload-file.ts';

export const ANNA: Account = { id: 1, username: 'anna', home: 'anna', kind: 'user' };

/** Where members keep their data: a root and a database, which they share. */
export interface Site {
  readonly rootDir: string;
  readonly databasePath: string;
}

export function siteIn(directory: string): Site {
  return { rootDir: join(directory, 'files'), databasePath: join(directory, 'myftp.db') };
}

/** A process that serves, without its clients: servers take a root for themselves, and members are to share one. */
export class Member {
  readonly storages: UserStorages;
  readonly members: MemberRepository;
  readonly partials: PartialRepository;
  readonly #database: Database;
  readonly #ledger: QuotaLedger;
  readonly #id: string;

  private constructor(database: Database, { rootDir }: Site, id: string) {
    this.#database = database;
    this.#id = id;
    this.members = new MemberRepository(database.queries);
    this.partials = new PartialRepository(database.queries);
    const repository = new TrashRepository(database.queries);
    this.#ledger = new QuotaLedger({
      quotas: new EscrowRepository(database.queries, id),
      inUploads: (accountId) => this.storages.inUploads(accountId),
      dataVersion: () => 1,
      onSettleError: fail,
    });
    this.storages = new UserStorages({
      ...{
        rootDir,
        anonymousDir: undefined,
        ledger: this.#ledger,
        durability: noSync,
        now: Date.now,
      },
      ...{ memberId: id, members: this.members, partials: this.partials },
      partialRows: new PartialRows({ repository: this.partials, onLateError: fail }),
      unknown: new UnknownAreas(),
      onPartialError: fail,
      longestPath: longestPathHere,
      trash: {
        ...{ repository, rows: new TrashRows({ repository, onError: fail }) },
        unknown: new UnknownAreas('deleted files'),
        defaultKeepMs: () => 0,
        ...{ isCharging: true, now: Date.now, onError: fail },
      },
    });
  }

  static async open(site: Site, id: string): Promise<Member> {
    const database = openDatabase(site.databasePath);
    await migrate(database.queries);
    return new Member(database, site, id);
  }

  /** From now on the others leave its running uploads alone. */
  async join(): Promise<void> {
    await this.members.join({ id: this.#id, bootId: 'this boot', version: '1', startedAtMs: 1 });
  }

  /** Begins an upload of the account, at an offset, and sends octets. */
  async upload(name: string, octets: Buffer, offsetBytes = 0): Promise<UploadFile> {
    const files = await this.storages.open(ANNA);
    const upload = await files.write(name, { start: { kind: 'offset', offsetBytes } });
    await upload.begin(ENDLESS_TRANSFER);
    await upload.write(octets);
    return upload;
  }

  async close(): Promise<void> {
    await this.#ledger.settleAll();
    await this.#database.close();
  }
}

function fail(error: unknown): never {
  throw error;
}
