import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as otherWork } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Durability } from '../disk/durability.ts';
import { ClientError } from '../errors/errors.ts';
import type { SessionFiles } from '../files/session-files.ts';
import { ENDLESS_TRANSFER } from '../testing/endless-transfer.ts';
import { RecountedAccount } from '../testing/recounted-account.ts';
import { PartialExpiry } from '../uploads/partial-expiry.ts';
import type { UploadStart } from '../uploads/upload-base.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { UNLIMITED } from './unlimited.ts';

const CHUNKS = 8;
const SESSIONS = 3;

/** Of them, those that work in a shared folder. */
const SESSIONS_IN_FOLDER = 1;

/** Eight of them are more than an append copies: the next one is made in place. */
const LARGE_CHUNK_BYTES = 150_000;

const NAMES = ['a', 'b', 'c', 'd/a', 'e/a'] as const;
const DIRECTORIES = ['d', 'e', 'd/f'] as const;

const STARTS = {
  start: { kind: 'offset', offsetBytes: 0 },
  middle: { kind: 'offset', offsetBytes: 1000 },
  end: { kind: 'append' },
  'end of this': { kind: 'append to this' },
  'new name': { kind: 'new' },
} satisfies Record<string, UploadStart>;

type Operation =
  | {
      readonly kind: 'store';
      readonly name: string;
      readonly from: keyof typeof STARTS;
      readonly chunk: number;
      readonly end: 'publish' | 'keep';
    }
  | {
      readonly kind: 'delete' | 'mkdir' | 'rmdir' | 'outside write' | 'outside delete';
      readonly name: string;
    }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'drop'; readonly which: number }
  | { readonly kind: 'recover'; readonly which: number; readonly name: string }
  | { readonly kind: 'restore'; readonly which: number; readonly name: string }
  | { readonly kind: 'drop from trash'; readonly which: number }
  | { readonly kind: 'expire' }
  | { readonly kind: 'recount'; readonly pace: 'slow' | 'fast' };

const name = fc.constantFrom(...NAMES);
const directory = fc.constantFrom(...DIRECTORIES);
const which = fc.nat(9);
const store = fc.record({
  kind: fc.constant('store' as const),
  name,
  from: fc.oneof(
    { weight: 2, arbitrary: fc.constant('start' as const) },
    { weight: 3, arbitrary: fc.constant('end' as const) },
    { weight: 3, arbitrary: fc.constantFrom('middle', 'end of this', 'new name') },
  ),
  chunk: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constant(LARGE_CHUNK_BYTES) },
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 5000 }) },
  ),
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
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recover' as const), which, name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), which, name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop from trash' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const) }) },
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
  fc.array(fc.array(operation, { minLength: 1, maxLength: 6, size: 'max' }), {
    minLength: 1,
    maxLength: SESSIONS,
    size: 'max',
  });

interface Limits {
  readonly keepDeletedMs: number;
  readonly limitBytes: number;
  readonly limitEntries: number;
}

const limits = fc.record<Limits>({
  keepDeletedMs: fc.constantFrom(0, 60_000, 60_000),
  /** Large enough for all; so small that uploads are cut, and partials make way for others; or something in between. */
  limitBytes: fc.constantFrom(10 ** 9, 60_000, 3_000_000),
  /** None; one that is nearly reached at the beginning; or something in between. */
  limitEntries: fc.constantFrom(UNLIMITED, 4, 6),
});

/** Operations of an account's sessions. */
class World {
  readonly account: RecountedAccount;

  private constructor(account: RecountedAccount) {
    this.account = account;
  }

  static async create(workers: WorkerPool, limits: Limits): Promise<World> {
    const sessions = SESSIONS - SESSIONS_IN_FOLDER;
    const sessionsInFolder = SESSIONS_IN_FOLDER;
    const options = { workers, ...limits, sessions, sessionsInFolder, durability: slowDisk };
    const world = new World(await RecountedAccount.create(options));
    const large = {
      kind: 'store',
      from: 'start',
      end: 'publish',
      chunk: LARGE_CHUNK_BYTES,
    } as const;
    await world.run([
      [
        { kind: 'mkdir', name: 'd' },
        { kind: 'mkdir', name: 'e' },
        { ...large, name: 'a' },
      ],
    ]);
    return world;
  }

  /** Runs operations at once, a list in each session. */
  async run(lists: readonly (readonly Operation[])[]): Promise<void> {
    const running = lists.map(async (operations, at) => {
      const session = this.account.sessions[at];
      for (const operation of operations) {
        if (session !== undefined) await this.#try(session, operation);
      }
    });
    await Promise.all(running);
  }

  async #try(session: SessionFiles, operation: Operation): Promise<void> {
    try {
      await this.#do(session, operation);
    } catch (error) {
      const isOutside = operation.kind.startsWith('outside') || wasCutFromOutside(error);
      if (!isOutside && !(error instanceof ClientError)) throw error;
    }
  }

  async #do(session: SessionFiles, operation: Operation): Promise<unknown> {
    const onDisk = (path: string) => join(this.account.homePath, path);
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
      case 'drop':
        return session.kept.dropPartial(this.#partialId(operation.which));
      case 'recover':
        return session.kept.recoverPartial(this.#partialId(operation.which), operation.name);
      case 'restore':
        return session.kept.restoreDeleted(this.#itemId(operation.which), operation.name);
      case 'drop from trash':
        return session.kept.dropDeleted(this.#itemId(operation.which));
      case 'expire':
        return this.#expire();
      case 'recount':
        return this.account.recount(operation.pace);
      case 'outside write':
        return writeFile(onDisk(operation.name), Buffer.alloc(3333));
      case 'outside delete':
        return rm(onDisk(operation.name));
    }
  }

  #partialId(which: number): string {
    const partials = [...this.account.space.partials.values()];
    return partials[which % Math.max(partials.length, 1)]?.id ?? 'none';
  }

  #itemId(which: number): string {
    const items = [...this.account.space.trash.values()];
    return items[which % Math.max(items.length, 1)]?.id ?? 'none';
  }

  async #expire(): Promise<void> {
    const expiry = new PartialExpiry({
      spaces: () => [this.account.space],
      keepMs: 1000,
      now: () => Date.now() + 2000,
      onExpired: () => {},
      onError(error) {
        throw error;
      },
    });
    await expiry.look();
    await expiry.look();
  }
}

function wasCutFromOutside(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('a file has become shorter');
}

async function upload(
  session: SessionFiles,
  { name: path, from, chunk, end }: Extract<Operation, { kind: 'store' }>,
): Promise<void> {
  const file = await session.write(path, { start: STARTS[from] });
  try {
    await file.begin(ENDLESS_TRANSFER);
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
        limits,
        fc.array(batch(ofServer), { minLength: 1, maxLength: 4, size: 'max' }),
        async (limits, batches) => {
          const world = await World.create(workers, limits);
          const { account } = world;
          try {
            for (const lists of batches) {
              await Promise.all([
                world.run(lists),
                account.recount(),
                delay(2).then(() => account.recount()),
              ]);
              const onDisk = await account.onDisk();
              expect(await account.charged()).toEqual(onDisk);
              expect(onDisk.entries).toBeLessThanOrEqual(limits.limitEntries);
            }
          } finally {
            await account.dispose();
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 120_000);

  test('sets right what others have changed', async () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: ofServer },
      { weight: 1, arbitrary: fromOutside },
    );
    await fc.assert(
      fc.asyncProperty(
        limits,
        fc.array(batch(operation), { minLength: 1, maxLength: 4, size: 'max' }),
        async (limits, batches) => {
          const world = await World.create(workers, limits);
          const { account } = world;
          try {
            for (const lists of batches) {
              await world.run(lists);
              const { bytes, entries } = await account.charged();
              expect(Math.min(bytes, entries)).toBeGreaterThanOrEqual(0);
            }
            await account.recount();
            expect(await account.charged()).toEqual(await account.onDisk());
          } finally {
            await account.dispose();
          }
        },
      ),
      { numRuns: 50 },
    );
  }, 120_000);
});
