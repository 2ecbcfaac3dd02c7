import {
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import SQLite from 'better-sqlite3';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open-database.ts';
import { clockCheck } from './clock-check.ts';
import { databaseCheck } from './database-check.ts';
import { examine } from './testing/examine.ts';

const YEAR_MS = 365 * 86_400_000;

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-database-'));
  file = join(directory, 'myftp.db');
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function makeDatabase(): Promise<void> {
  const database = openDatabase(file);
  await migrate(database.queries);
  await database.close();
}

function change(statement: string): void {
  const sqlite = new SQLite(file);
  sqlite.exec(statement);
  sqlite.close();
}

const check = () => examine(databaseCheck, { flags: { data: directory } });

describe('a database', () => {
  test('that does not exist yet is fine', async () => {
    expect(await check()).toEqual([
      { level: 'ok', text: 'There is no database yet; the first start makes it.' },
    ]);
  });

  test('that is sound is fine, and nothing is made beside it', async () => {
    await makeDatabase();
    const before = statSync(file, { bigint: true });
    expect(await check()).toEqual([
      { level: 'ok', text: 'The database is sound and has 0 accounts.' },
    ]);
    expect(readdirSync(directory)).toEqual(['myftp.db']);
    expect(statSync(file, { bigint: true })).toMatchObject({
      mtimeNs: before.mtimeNs,
      ctimeNs: before.ctimeNs,
    });
  });

  test('that a server has open is read beside it, with its latest changes', async () => {
    const database = openDatabase(file);
    await migrate(database.queries);
    const row = { username: 'anna', password_hash: '', home: 'anna', created_at_ms: 1 };
    await database.queries.insertInto('account').values(row).execute();
    const before = readdirSync(directory);
    expect(await check()).toEqual([
      { level: 'ok', text: 'The database is sound and has 1 accounts.' },
    ]);
    expect(readdirSync(directory)).toEqual(before);
    await database.close();
  });

  test('whose pages are damaged is a problem', async () => {
    await makeDatabase();
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(3000, 0xff), 0, 3000, 4096 + 20);
    const [verdict] = await check();
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('is damaged'),
      remedy: expect.stringContaining('restore it from a backup'),
    });
  });

  test('that is something else is a problem', async () => {
    writeFileSync(file, 'not a database at all, but a text of some length'.repeat(100));
    const [verdict] = await check();
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('is not a database'),
    });
  });

  test('of a later version is a problem', async () => {
    await makeDatabase();
    change("INSERT INTO kysely_migration VALUES ('9999-future', '2030-01-01')");
    const [verdict] = await check();
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('a later version of MyFTP'),
    });
  });

  test('of an earlier version is fine and will be migrated', async () => {
    await makeDatabase();
    change("DELETE FROM kysely_migration WHERE name LIKE '0007%'");
    const [verdict] = await check();
    expect(verdict).toMatchObject({
      level: 'ok',
      text: expect.stringContaining('The next start brings it to the form of this version.'),
    });
  });
});

describe('the clock', () => {
  const checkClock = (nowMs: number) =>
    examine(clockCheck, { flags: { data: directory }, now: () => nowMs });

  test('is fine as it is', async () => {
    await makeDatabase();
    expect(await checkClock(Date.now())).toEqual([expect.objectContaining({ level: 'ok' })]);
    expect(readdirSync(directory)).toEqual(['myftp.db']);
  });

  test.each([0, Date.UTC(2150, 1, 1)])('far from today is a problem: %i', async (nowMs) => {
    const [verdict] = await checkClock(nowMs);
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('The clock shows the year'),
    });
  });

  test('earlier than the latest entry of the database is a problem', async () => {
    await makeDatabase();
    change(`INSERT INTO data_root VALUES (1, '/srv', ${Date.now() + YEAR_MS})`);
    const [verdict] = await checkClock(Date.now());
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('the clock is slow now or was fast then'),
    });
  });
});
