import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AccountRepository } from '../../db/account-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { VirtualPath } from '../../server/disk/virtual-path.ts';
import { until } from '../journeys/server-process.ts';
import { sourceEnvironment } from '../source-program.ts';
import { ANNA, Member, siteIn } from './member.ts';

const PROCESS = new URL('member-process.ts', import.meta.url);
/** Enough to be announced in the database. */
const SIZE_BYTES = 1_500_000;

let directory: string;
let one: Member;
let other: ChildProcess;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-members-'));
  const site = siteIn(directory);
  await mkdir(site.rootDir);
  one = await Member.open(site, 'one');
  const database = openDatabase(site.databasePath);
  await new AccountRepository(database.queries).create({
    ...{ username: 'anna', home: 'anna', passwordHash: 'x', createdAtMs: 0 },
    ...{ limitBytes: 10 ** 9, limitEntries: 10 ** 6 },
  });
  await database.close();
  other = fork(PROCESS, [directory, 'other', String(SIZE_BYTES)], {
    execArgv: [],
    env: sourceEnvironment(),
  });
  await once(other, 'message');
  await until(async () => (await one.partials.listAll()).length === 2);
});
afterEach(async () => {
  other.kill('SIGKILL');
  await one.close();
  await rm(directory, { recursive: true });
});

const home = () => join(directory, 'files/anna');

async function published(name: string): Promise<unknown> {
  const answer = once(other, 'message');
  other.send(name);
  return (await answer)[0];
}

test('a member that sleeps while it is buried publishes nothing, and its uploads are resumed elsewhere', async () => {
  other.kill('SIGSTOP');
  await one.members.markAllDead(2);
  await one.join();
  await one.storages.sweep();
  const { partials } = one.storages.spaceOf(ANNA.id);
  expect(partials.count).toBe(2);
  other.kill('SIGCONT');
  expect(await published('first')).toBe('refused');
  expect(await readdir(home())).toEqual([]);

  const rest = Buffer.from('the rest');
  await (await one.upload('first', rest, SIZE_BYTES)).publish();
  const expected = Buffer.concat([Buffer.alloc(SIZE_BYTES, 'first'), rest]);
  expect((await readFile(join(home(), 'first'))).equals(expected)).toBe(true);
  expect(await published('second')).toBe('refused');
  expect(await readdir(home())).toEqual(['first']);
  // The one that was refused has taken nothing of what is to be resumed.
  expect(partials.find('/second' as VirtualPath)).toBeDefined();
  expect((await one.partials.listAll()).map(({ path }) => path)).toEqual(['/second']);
  expect([...(await one.storages.sweep())]).toEqual([]);
});

test('a member that lives keeps its uploads when another one sweeps', async () => {
  await one.join();
  expect([...(await one.storages.sweep())]).toEqual([]);
  expect(await one.partials.listAll()).toHaveLength(2);
  expect(await published('first')).toBe('published');
  expect(await readFile(join(home(), 'first'), 'utf8')).toHaveLength(SIZE_BYTES);
});
