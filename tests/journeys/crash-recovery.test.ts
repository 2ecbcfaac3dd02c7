import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../db/open-database.ts';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { forgetBoot } from '../../server/testing/forget-boot.ts';
import { undoMembers } from '../../server/testing/undo-members.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { octets } from '../clients/samples.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';
const STORED_BYTES = 101_000;
/** Written beside the server: only an account that is measured is charged for it. */
const ADDED_BYTES = 7;

describe('a start after a crash', () => {
  let server: ServerProcess;
  let anna: ControlClient;

  beforeEach(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory());
    anna = await server.signUp('anna', PASSWORD);
    const bert = await server.signUp('bert', PASSWORD);
    for (const client of [anna, bert]) await client.store('STOR a.bin', octets(STORED_BYTES));
    await untilSettled();
    for (const name of ['anna', 'bert'])
      await appendFile(server.home(name, 'added'), 'x'.repeat(ADDED_BYTES));
  });
  afterEach(() => server.dispose());

  async function inDatabase<Result>(
    look: (database: Database) => Promise<Result>,
  ): Promise<Result> {
    const database = openDatabase(join(server.directory, 'myftp.db'));
    try {
      return await look(database);
    } finally {
      await database.close();
    }
  }

  const rowsOf = (table: 'member' | 'quota_escrow') =>
    inDatabase(({ queries }) => queries.selectFrom(table).selectAll().execute());

  const untilSettled = () => until(async () => (await rowsOf('quota_escrow')).length === 0);

  async function restart(): Promise<void> {
    server = await ServerProcess.start(server.directory);
    await untilMeasured(server.directory);
    anna = await server.login('anna', PASSWORD);
  }

  async function used(username = 'anna'): Promise<number> {
    const client = await server.login(username, PASSWORD);
    const { lines } = await client.command('SITE QUOTA');
    return Number(/^200 (\d+) of /.exec(lines[0] ?? '')?.[1]);
  }

  const log = () => readFile(join(server.directory, 'logs/server.log'), 'utf8');
  /** The line comes a moment after the members have gone. */
  const untilLogged = (line: RegExp) => until(async () => line.test(await log()));

  test('measures only accounts that were in use, and serves the others', async () => {
    await anna.store('STOR b.bin', octets(1000));
    await server.end('SIGKILL');
    expect(await rowsOf('quota_escrow')).toHaveLength(1);
    await restart();
    expect(await used()).toBe(STORED_BYTES + 1000 + ADDED_BYTES);
    expect(await used('bert')).toBe(STORED_BYTES);
    await untilLogged(/"accounts":1,"failed":0,.*"accounts measured after a crash"/);
    expect(await log()).not.toContain('the files of all accounts are to be measured');
  });

  test.each([
    { change: 'DELE a.bin', left: ADDED_BYTES },
    { change: 'STOR a.bin', left: ADDED_BYTES },
  ])(
    'knows of a change of an account at rest that only gives back: $change',
    async ({ change, left }) => {
      if (change.startsWith('STOR')) await anna.store(change, '');
      else await anna.command(change);
      await server.end('SIGKILL');
      expect(await rowsOf('quota_escrow')).toHaveLength(1);
      await restart();
      expect(await used()).toBe(left);
    },
  );

  test('measures nothing if no account was in use', async () => {
    await server.end('SIGKILL');
    await restart();
    expect([await used(), await used('bert')]).toEqual([STORED_BYTES, STORED_BYTES]);
    expect(await rowsOf('member')).toHaveLength(1);
  });

  test('of the machine measures all accounts, because the database may lack the last moments', async () => {
    await server.end('SIGKILL');
    await forgetBoot(server.directory);
    await restart();
    expect([await used(), await used('bert')]).toEqual(
      new Array(2).fill(STORED_BYTES + ADDED_BYTES),
    );
    await untilLogged(/"accounts":2,"failed":0,.*"accounts measured after a crash"/);
  });

  test('measures an account whose staging area was changed, and only that', async () => {
    await server.end('SIGTERM');
    expect([await rowsOf('member'), await rowsOf('quota_escrow')]).toEqual([[], []]);
    const staging = join(server.directory, 'files/.myftp-staging/1');
    await writeFile(join(staging, 'stray'), 'x');
    await restart();
    expect([await used(), await used('bert')]).toEqual([STORED_BYTES + ADDED_BYTES, STORED_BYTES]);
  });

  test.each([
    { lastRun: 'stopped', extra: 0 },
    { lastRun: 'crashed', extra: ADDED_BYTES },
  ] as const)('of a version without members that was $lastRun', async ({ lastRun, extra }) => {
    await server.end('SIGTERM');
    await inDatabase(({ queries }) => undoMembers(queries, lastRun));
    await restart();
    expect([await used(), await used('bert')]).toEqual(new Array(2).fill(STORED_BYTES + extra));
  });
});
