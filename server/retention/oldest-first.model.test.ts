import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as otherWork } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RetentionAccount } from '../../db/retention-repository.ts';
import { type Durability, noSync } from '../disk/durability.ts';
import { ClientError, QuotaExceededError, TooManyFilesError } from '../errors/errors.ts';
import type { SessionFiles } from '../files/session-files.ts';
import { UNLIMITED } from '../quota/unlimited.ts';
import { ENDLESS_TRANSFER } from '../testing/endless-transfer.ts';
import { RecountedAccount } from '../testing/recounted-account.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { OldestFirst } from './oldest-first.ts';
import type { RetentionLog } from './retention-log.ts';

const SESSIONS = 3;
const CHUNKS = 4;
const LIMIT_BYTES = 60_000;

type Operation =
  | { readonly kind: 'store'; readonly path: string; readonly chunk: number; readonly end: End }
  | { readonly kind: 'read' | 'delete'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

type Store = Extract<Operation, { kind: 'store' }>;

type End = 'publish' | 'keep';

let workers: WorkerPool;

beforeAll(() => {
  workers = new WorkerPool();
});
afterAll(() => workers.close());

/** An account whose rule deletes the oldest files of /camera, and what tests note of it. */
class World {
  /** Paths that are being read or written, each as often. */
  readonly inUse: string[] = [];
  readonly refusals: string[] = [];
  readonly failures: unknown[] = [];
  account!: RecountedAccount;

  static async create(limitEntries: number): Promise<World> {
    const world = new World();
    const durability: Durability = noSync;
    world.account = await RecountedAccount.create({
      ...{ workers, durability, limitEntries, limitBytes: LIMIT_BYTES, sessions: SESSIONS },
      roomMaker: ({ account, storages, workers }) =>
        new OldestFirst({
          ...{ storages, workers, rules: { findById: async () => RULES } },
          ...{ accounts: { find: async () => account }, log: world.#log() },
        }),
    });
    const [session] = world.account.sessions;
    for (const directory of ['camera', 'other']) await session?.mkdir(directory);
    return world;
  }

  #log(): RetentionLog {
    const deleted = (_: string, { path }: { readonly path: string }) => {
      expect(this.inUse).not.toContain(path);
      expect(path).toMatch(/^\/camera\//);
    };
    const failed = (_: unknown, error: unknown) => void this.failures.push(error);
    return { deleted, failed } as Partial<RetentionLog> as RetentionLog;
  }

  async run(lists: readonly (readonly Operation[])[]): Promise<void> {
    const running = lists.map(async (operations, at) => {
      const session = this.account.sessions[at];
      for (const operation of operations) {
        if (session !== undefined) await this.#try(session, operation);
      }
    });
    await Promise.all(running);
    expect(this.failures).toEqual([]);
  }

  async #try(session: SessionFiles, operation: Operation): Promise<void> {
    try {
      await this.#do(session, operation);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const isRefused = error instanceof QuotaExceededError || error instanceof TooManyFilesError;
      if (isRefused && operation.path.startsWith('/camera/')) this.refusals.push(operation.path);
    }
  }

  async #do(session: SessionFiles, operation: Operation): Promise<unknown> {
    switch (operation.kind) {
      case 'store':
        return await this.#store(session, operation);
      case 'read':
        return await this.#read(session, operation.path);
      case 'delete':
        return await session.delete(operation.path);
      case 'rename':
        return await session.rename(operation.path, operation.to);
    }
  }

  async #store(session: SessionFiles, operation: Store): Promise<void> {
    const file = await session.write(operation.path);
    await this.#using(operation.path, () => receive(file, operation));
  }

  async #read(session: SessionFiles, path: string): Promise<void> {
    const file = await session.read(path);
    await this.#using(path, async () => {
      for (let turn = 0; turn < 20; turn += 1) await otherWork();
      file.close();
    });
  }

  async #using(path: string, task: () => Promise<void>): Promise<void> {
    this.inUse.push(path);
    try {
      await task();
    } finally {
      this.inUse.splice(this.inUse.indexOf(path), 1);
    }
  }
}

const RULE = { deleteAfterMs: 0, isOldestFirst: true, removesEmpty: true };
const RULES: RetentionAccount = {
  ...{ id: 1, username: 'anna', group: undefined },
  ...{ own: { '/camera': RULE }, effective: { '/camera': RULE }, shared: [] },
};

async function receive(file: UploadFile, { chunk, end }: Store): Promise<void> {
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

const path = fc.constantFrom('/camera/a', '/camera/b', '/camera/c', '/camera/d', '/other/a');
const chunk = fc.integer({ min: 0, max: 4000 });

function operations(ends: readonly [End, ...End[]]): fc.Arbitrary<Operation> {
  const kinds = fc.constantFrom('read' as const, 'delete' as const);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('store' as const),
        ...{ path, chunk, end: fc.constantFrom(...ends) },
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: kinds, path }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('rename' as const), path, to: path }),
    },
  );
}

const lists = (operation: fc.Arbitrary<Operation>) =>
  fc.array(fc.array(operation, { minLength: 4, maxLength: 12, size: 'max' }), {
    minLength: SESSIONS,
    maxLength: SESSIONS,
  });

test('the quota is exact, and only files of the rule that are not in use are deleted', async () => {
  const limits = fc.constantFrom(UNLIMITED, 5);
  await fc.assert(
    fc.asyncProperty(limits, lists(operations(['publish', 'keep'])), async (limit, given) => {
      const world = await World.create(limit);
      const { account } = world;
      let most = { bytes: 0, entries: 0 };
      let isRunning = true;
      const watching = (async () => {
        while (isRunning) {
          const { bytes, entries } = await account.charged();
          most = { bytes: Math.max(most.bytes, bytes), entries: Math.max(most.entries, entries) };
          await delay(1);
        }
      })();
      try {
        try {
          await world.run(given);
        } finally {
          isRunning = false;
          await watching;
        }
        expect([most.bytes <= LIMIT_BYTES, most.entries <= limit]).toEqual([true, true]);
        expect(await account.charged()).toEqual(await account.onDisk());
      } finally {
        await account.dispose();
      }
    }),
    { numRuns: 25 },
  );
});

test('no upload that fits beside what is outside of the rule is refused', async () => {
  await fc.assert(
    fc.asyncProperty(lists(operations(['publish'])), async (given) => {
      const world = await World.create(UNLIMITED);
      try {
        // Three uploads and the files that they replace, and one file in /other: 7 times 16,000 bytes is too much.
        await world.run(given.map((list) => list.map(small)));
        expect(world.refusals).toEqual([]);
      } finally {
        await world.account.dispose();
      }
    }),
    { numRuns: 25 },
  );
});

/** At most 8,000 bytes. */
function small(operation: Operation): Operation {
  return operation.kind === 'store' ? { ...operation, chunk: operation.chunk / 2 } : operation;
}

test('the oldest files go, and none more than an upload needs', async () => {
  const sizes = fc.array(chunk, { minLength: 20, maxLength: 40, size: 'max' });
  await fc.assert(
    fc.asyncProperty(sizes, async (chunks) => {
      const world = await World.create(UNLIMITED);
      const present: { path: string; bytes: number }[] = [];
      try {
        for (const [at, one] of chunks.entries()) {
          const name = `/camera/${String(at).padStart(2, '0')}`;
          const stored = { path: name, bytes: one * CHUNKS };
          await world.run([[{ kind: 'store', path: name, chunk: one, end: 'publish' }]]);
          present.push(stored);
          const used = () => present.reduce((sum, { bytes }) => sum + bytes, 0);
          while (used() > LIMIT_BYTES) present.shift();
          expect(namesIn(world.account)).toEqual(present.map(({ path: kept }) => kept));
        }
      } finally {
        await world.account.dispose();
      }
    }),
    { numRuns: 10 },
  );
});

test('uploads at once delete one file if that is room for all of them', async () => {
  const world = await World.create(UNLIMITED);
  const store = (path: string, chunk: number) =>
    ({ kind: 'store', path, chunk, end: 'publish' }) as const;
  try {
    for (const name of ['a', 'b', 'c', 'd']) await world.run([[store(`/camera/${name}`, 3750)]]);
    await world.run(['x', 'y', 'z'].map((name) => [store(`/camera/${name}`, 500)]));
    expect(namesIn(world.account)).toEqual(
      ['b', 'c', 'd', 'x', 'y', 'z'].map((name) => `/camera/${name}`),
    );
  } finally {
    await world.account.dispose();
  }
});

function namesIn({ homePath }: RecountedAccount): string[] {
  const names = readdirSync(join(homePath, 'camera'));
  return names.map((name) => `/camera/${name}`).sort();
}
