import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { noSync } from '../disk/durability.ts';
import { TooManyFilesError } from '../errors/errors.ts';
import type { SessionFiles } from '../files/session-files.ts';
import { RecountedAccount } from '../testing/recounted-account.ts';
import { WorkerPool } from '../workers/worker-pool.ts';

const transfer = { throwIfAborted() {}, onAbort() {} };

describe('the entries of an account', () => {
  let workers: WorkerPool;
  let account: RecountedAccount;
  let session: SessionFiles;

  beforeAll(() => {
    workers = new WorkerPool({ threads: 1 });
  });
  afterAll(() => workers.close());

  beforeEach(async () => {
    account = await RecountedAccount.create({
      ...{
        workers,
        durability: noSync,
        limitBytes: 10 ** 6,
        limitEntries: 5,
        sessions: 1,
      },
    });
    const [first] = account.sessions;
    if (first === undefined) throw new Error('no session');
    session = first;
  });
  afterEach(() => account.dispose());

  const home = (...names: string[]) => join(account.homePath, ...names);
  async function store(name: string): Promise<void> {
    const file = await session.write(name);
    await file.begin(transfer);
    await file.publish();
  }
  async function expectExact(): Promise<void> {
    expect(await account.charged()).toEqual(await account.onDisk());
  }

  test('that others have made count after a recount, links and all', async () => {
    await mkdir(home('d'));
    await writeFile(home('d', 'f'), 'x');
    for (const name of ['link', 'other']) await symlink('nowhere', home(name));
    expect((await account.charged()).entries).toBe(0);
    await account.recount();
    expect(await account.charged()).toEqual({ bytes: 1, entries: 4 });
    await store('a');
    await expect(session.mkdir('e')).rejects.toThrow(TooManyFilesError);
    await session.delete('link');
    await session.mkdir('e');
    await expectExact();
    await session.rename('a', 'other');
    await expectExact();
    await session.mkdir('g');
    await expect(session.mkdir('h')).rejects.toThrow(TooManyFilesError);
    await expectExact();
  });

  test('that are gone give room after a recount', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store(name);
    for (const name of ['a', 'b']) await rm(home(name));
    await expect(store('f')).rejects.toThrow(TooManyFilesError);
    await account.recount();
    await store('f');
    await expectExact();
  });

  test('include those of running uploads, which a recount leaves to them', async () => {
    const files = await Promise.all(['a', 'b', 'c'].map((name) => session.write(name)));
    await account.recount();
    expect(await account.charged()).toEqual({ bytes: 0, entries: 3 });
    for (const file of files) await file.begin(transfer);
    await files[0]?.publish();
    await account.recount();
    expect(await account.charged()).toEqual({ bytes: 0, entries: 3 });
    for (const file of files) await file.keep();
    await account.recount();
    expect(await account.charged()).toEqual({ bytes: 0, entries: 1 });
  });

  test('take no place when a directory or file cannot be made', async () => {
    const file = await session.write('x');
    await mkdir(home('x'));
    await file.begin(transfer);
    await expect(file.publish()).rejects.toThrow();
    await expect(session.mkdir('x')).rejects.toThrow('already exists');
    expect((await account.charged()).entries).toBe(0);
  });
});
