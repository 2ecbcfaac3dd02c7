import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as otherWork } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountRepository } from '../../db/account-repository.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import type { Account } from '../accounts/accounts.ts';
import { longestPathIn } from '../disk/longest-path.ts';
import { ClientError } from '../errors.ts';
import type { Durability } from '../files/durability.ts';
import { PartialRows } from '../files/partial-rows.ts';
import { STAGING_DIRECTORY } from '../files/staging-directory.ts';
import type { UserFileSystem } from '../files/user-file-system.ts';
import { UserStorages } from '../files/user-storages.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { AccountRecount } from './account-recount.ts';
import { QuotaLedger } from './quota-ledger.ts';
import { recount } from './quota-recount.ts';

const CHUNKS = 8;
const SESSIONS = 3;
const signal = new AbortController().signal;
const NAMES = ['a', 'b', 'c', 'd/a', 'd/b', 'e/a'] as const;
const DIRECTORIES = ['d', 'e', 'd/f'] as const;

type Operation =
  | {
      readonly kind: 'store';
      readonly name: string;
      readonly from: 'start' | 'end';
      readonly chunk: number;
      readonly end: 'publish' | 'keep';
    }
  | {
      readonly kind: 'delete' | 'mkdir' | 'rmdir' | 'outside write' | 'outside delete';
      readonly name: string;
    }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'recount'; readonly pace: 'slow' | 'fast' };

const name = fc.constantFrom(...NAMES);
const directory = fc.constantFrom(...DIRECTORIES);
const store = fc.record({
  kind: fc.constant('store' as const),
  name,
  from: fc.constantFrom('start' as const, 'end' as const),
  chunk: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
  end: fc.constantFrom('publish' as const, 'keep' as const),
});
const ofServer: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: store },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), name, to: name }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rename' as const), name: directory, to: directory }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('mkdir' as const, 'rmdir' as const),
      name: directory,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('recount' as const),
      pace: fc.constantFrom('slow' as const, 'fast' as const),
    }),
  },
);
const fromOutside: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom('outside write' as const, 'outside delete' as const),
  name,
});

/** Keeps an upload running for a while after its file is in place. */
const slowDisk: Durability = {
  file: () => delay(1),
  directory: () => delay(4),
};

/** Operations that run at once, each list in a session of its own. */
const batch = (operation: fc.Arbitrary<Operation>) =>
  fc.array(fc.array(operation, { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: SESSIONS,
  });

/** An account with all that changes what it is charged for. */
class World {
  readonly database: Database;
  readonly rootDir: string;
  readonly #ledger: QuotaLedger;
  readonly #recount: AccountRecount;
  readonly #account: Account;
  readonly #sessions: readonly UserFileSystem[];

  private constructor(parts: {
    database: Database;
    rootDir: string;
    ledger: QuotaLedger;
    recount: AccountRecount;
    account: Account;
    sessions: readonly UserFileSystem[];
  }) {
    this.database = parts.database;
    this.rootDir = parts.rootDir;
    this.#ledger = parts.ledger;
    this.#recount = parts.recount;
    this.#account = parts.account;
    this.#sessions = parts.sessions;
  }

  static async create(workers: WorkerPool): Promise<World> {
    const rootDir = await mkdtemp(join(tmpdir(), 'myftp-recount-'));
    const database = openDatabase(':memory:');
    await migrate(database.queries);
    const id = await new AccountRepository(database.queries).create({
      ...{ username: 'anna', passwordHash: 'x', home: 'anna', createdAtMs: 0 },
      limitBytes: 10 ** 9,
    });
    const ledger = new QuotaLedger({
      quotas: new QuotaRepository(database.queries),
      dataVersion: () => 1,
      onSettleError: (error) => fail(error),
    });
    const partials = new PartialRepository(database.queries);
    const storages = new UserStorages({
      rootDir,
      anonymousDir: undefined,
      ledger,
      partials,
      partialRows: new PartialRows({ repository: partials, onLateError: fail }),
      now: Date.now,
      durability: slowDisk,
      onPartialError: (error) => fail(error),
      longestPath: longestPathIn(workers),
    });
    const account: Account = { id, username: 'anna', home: 'anna', kind: 'user' };
    const sessions = [];
    for (let count = 0; count < SESSIONS; count += 1) {
      sessions.push(await storages.open(account, {} as never));
    }
    const spaceOf = (accountId: number) => storages.spaceOf(accountId);
    // As the server does, which has its lock in there.
    await storages.spaceOf(id).newStagingFile();
    const recount = new AccountRecount({ rootDir, workers, ledger, spaceOf });
    return new World({ database, rootDir, ledger, recount, account, sessions });
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions) session.close();
    await this.#ledger.settleAll();
    await this.database.close();
    await rm(this.rootDir, { recursive: true });
  }

  /** Runs operations at once, a list in each session. */
  async run(lists: readonly (readonly Operation[])[]): Promise<void> {
    const running = lists.map(async (operations, at) => {
      const session = this.#sessions[at];
      for (const operation of operations) {
        if (session !== undefined) await this.#try(session, operation);
      }
    });
    await Promise.all(running);
  }

  async recount(pace: 'slow' | 'fast' = 'fast'): Promise<void> {
    await this.#recount.run(this.#account, { pace, signal });
  }

  async chargedBytes(): Promise<number> {
    return (await this.#ledger.usage(this.#account.id)).usedBytes;
  }

  async bytesOnDisk(): Promise<number> {
    const places = ['anna', join(STAGING_DIRECTORY, String(this.#account.id))];
    const sizes = places.map((place) => recount({ directoryPath: join(this.rootDir, place) }));
    return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
  }

  async #try(session: UserFileSystem, operation: Operation): Promise<void> {
    try {
      await this.#do(session, operation);
    } catch (error) {
      const isOutside = operation.kind.startsWith('outside');
      if (!isOutside && !(error instanceof ClientError)) throw error;
    }
  }

  async #do(session: UserFileSystem, operation: Operation): Promise<unknown> {
    const onDisk = (path: string) => join(this.rootDir, 'anna', path);
    switch (operation.kind) {
      case 'store':
        return upload(session, operation);
      case 'delete':
        return session.delete(operation.name);
      case 'mkdir':
        return session.mkdir(operation.name);
      case 'rmdir':
        return session.rmdir(operation.name);
      case 'rename':
        return session.rename(operation.name, operation.to);
      case 'recount':
        return this.recount(operation.pace);
      case 'outside write':
        return writeFile(onDisk(operation.name), Buffer.alloc(3333));
      case 'outside delete':
        return rm(onDisk(operation.name));
    }
  }
}

async function upload(
  session: UserFileSystem,
  { name: path, from, chunk, end }: Extract<Operation, { kind: 'store' }>,
): Promise<void> {
  const file = await session.write(path, {
    start: from === 'end' ? { kind: 'append' } : { kind: 'offset', offsetBytes: 0 },
  });
  try {
    await file.begin(signal);
    for (let count = 0; count < CHUNKS; count += 1) {
      await file.write(Buffer.alloc(chunk));
      await otherWork();
    }
    if (end === 'publish') await file.publish();
  } finally {
    await file.keep();
  }
}

describe('a recount beside running sessions', () => {
  let workers: WorkerPool;

  beforeAll(() => {
    workers = new WorkerPool();
  });
  afterAll(() => workers.close());

  test('leaves the charge equal to what is on the disk, whatever the sessions do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch(ofServer), { minLength: 1, maxLength: 4 }),
        async (batches) => {
          const world = await World.create(workers);
          try {
            for (const lists of batches) {
              await Promise.all([
                world.run(lists),
                world.recount(),
                delay(2).then(() => world.recount()),
              ]);
              expect(await world.chargedBytes()).toBe(await world.bytesOnDisk());
            }
          } finally {
            await world.dispose();
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  test('sets right what others have changed', async () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: ofServer },
      { weight: 1, arbitrary: fromOutside },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch(operation), { minLength: 1, maxLength: 4 }),
        async (batches) => {
          const world = await World.create(workers);
          try {
            for (const lists of batches) {
              await world.run(lists);
              expect(await world.chargedBytes()).toBeGreaterThanOrEqual(0);
            }
            await world.recount();
            expect(await world.chargedBytes()).toBe(await world.bytesOnDisk());
          } finally {
            await world.dispose();
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});

function fail(error: unknown): never {
  throw error;
}
