import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { AccountRepository } from './account-repository.ts';
import { DatabaseCorruptError, DatabaseUnavailableError } from './database-error.ts';
import { migrate } from './migrate.ts';
import { type Database, openDatabase } from './open-database.ts';

describe('openDatabase', () => {
  let directory: string;
  let filename: string;
  const opened: Database[] = [];

  const open = (path = filename): Database => {
    const database = openDatabase(path);
    opened.push(database);
    return database;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-db-'));
    filename = join(directory, 'myftp.db');
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await rm(directory, { recursive: true });
  });

  test('only the owner may read the database and the files beside it', async () => {
    await migrate(open().queries);
    for (const suffix of ['', '-wal', '-shm']) {
      expect((await stat(`${filename}${suffix}`)).mode & 0o777).toBe(0o600);
    }
  });

  test('a commit that fails does not undo the transaction that waits behind it', async () => {
    const { queries } = open();
    await sql`CREATE TABLE parent (id INTEGER PRIMARY KEY)`.execute(queries);
    await sql`CREATE TABLE child (
      parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED
    )`.execute(queries);
    const orphan = queries.transaction().execute(async (transaction) => {
      await sql`INSERT INTO child VALUES (7)`.execute(transaction);
    });
    const other = queries.transaction().execute(async (transaction) => {
      await sql`INSERT INTO parent VALUES (1)`.execute(transaction);
    });
    await expect(orphan).rejects.toThrow('FOREIGN KEY constraint failed');
    await other;
    expect((await sql`SELECT id FROM parent`.execute(queries)).rows).toEqual([{ id: 1 }]);
    expect((await sql`SELECT parent FROM child`.execute(queries)).rows).toEqual([]);
  });

  test('a database that others could read is closed to them', async () => {
    await writeFile(filename, '', { mode: 0o644 });
    open();
    expect((await stat(filename)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['journal_mode', 'wal'],
    ['synchronous', 1],
    ['foreign_keys', 1],
  ])('pragma %s is %s', async (pragma, value) => {
    const { rows } = await sql`SELECT * FROM ${sql.raw(`pragma_${pragma}`)}`.execute(
      open().queries,
    );
    expect(Object.values(rows[0] ?? {})).toEqual([value]);
  });

  test('dataVersion changes when another connection writes, and only then', async () => {
    const one = open();
    await migrate(one.queries);
    const two = open();
    const versions = [one.dataVersion(), two.dataVersion()];
    await addAnna(one);
    expect(one.dataVersion()).toBe(versions[0]);
    expect(two.dataVersion()).not.toBe(versions[1]);
  });

  test('a file that is no database is refused with its name', async () => {
    await writeFile(filename, 'x'.repeat(10_000));
    expect(() => open()).toThrow(DatabaseCorruptError);
    expect(() => open()).toThrow(filename);
  });

  test('a database that lost its end is refused', async () => {
    const database = open();
    await migrate(database.queries);
    await addAnna(database);
    await opened.pop()?.close();
    await truncate(filename, 8192);
    expect(() => open()).toThrow(DatabaseCorruptError);
  });

  test('a directory that does not exist is named', () => {
    const missing = join(directory, 'missing', 'myftp.db');
    expect(() => open(missing)).toThrow(DatabaseUnavailableError);
    expect(() => open(missing)).toThrow(missing);
  });
});

async function addAnna({ queries }: Database): Promise<void> {
  await new AccountRepository(queries).create({
    username: 'anna',
    passwordHash: 'x',
    home: 'anna',
    createdAtMs: 0,
    limitBytes: 0,
  });
}
