import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import SQLite from 'better-sqlite3';
import { sql } from 'kysely';
import { DataRootRepository } from './data-root-repository.ts';
import { DatabaseBusyError } from './database-error.ts';
import { migrate } from './migrate.ts';
import { type Database, openDatabase } from './open-database.ts';

describe('a database that another connection has locked', () => {
  let directory: string;
  let database: Database;
  let other: SQLite.Database;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'myftp-db-'));
    const filename = join(directory, 'myftp.db');
    database = openDatabase(filename);
    await migrate(database.queries);
    await new DataRootRepository(database.queries).remember('/a', 0);
    other = new SQLite(filename);
    other.exec('BEGIN IMMEDIATE');
  });
  afterEach(async () => {
    other.close();
    await database.close();
    rmSync(directory, { recursive: true });
  });

  const changedAt = () =>
    database.queries.selectFrom('data_root').select('changed_at_ms').executeTakeFirstOrThrow();
  const change = (ms: number) =>
    database.queries.updateTable('data_root').set({ changed_at_ms: ms }).execute();
  const changeByTransaction = (ms: number) =>
    database.queries.transaction().execute(async (transaction) => {
      await transaction.updateTable('data_root').set({ changed_at_ms: ms }).execute();
    });

  test('can be read, also while writes wait', async () => {
    const waiting = change(1);
    expect((await changedAt()).changed_at_ms).toBe(0);
    other.exec('COMMIT');
    await waiting;
    expect((await changedAt()).changed_at_ms).toBe(1);
  });

  test('takes writes and transactions in their order as soon as it is free', async () => {
    const order: number[] = [];
    const waiting = [change(1), changeByTransaction(2), change(3), changeByTransaction(4)].map(
      (write, index) => write.then(() => order.push(index)),
    );
    other.exec('COMMIT');
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2, 3]);
    expect((await changedAt()).changed_at_ms).toBe(4);
  });

  test('refuses a write that has waited for too long, and takes the next', async () => {
    database.setPatience(20);
    await expect(change(1)).rejects.toThrow(DatabaseBusyError);
    await expect(changeByTransaction(1)).rejects.toThrow(DatabaseBusyError);
    database.setPatience(10_000);
    const waiting = change(2);
    other.exec('COMMIT');
    await waiting;
    expect((await changedAt()).changed_at_ms).toBe(2);
  });

  test('statements of others never become part of a transaction', async () => {
    other.exec('COMMIT');
    const { queries } = database;
    const failing = queries.transaction().execute(async (transaction) => {
      await transaction.updateTable('data_root').set({ changed_at_ms: 7 }).execute();
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('rolled back');
    });
    const read = changedAt();
    const written = sql`UPDATE data_root SET path = '/b'`.execute(queries);
    await expect(failing).rejects.toThrow('rolled back');
    expect((await read).changed_at_ms).toBe(0);
    await written;
    const { rows } = await sql`SELECT changed_at_ms, path FROM data_root`.execute(queries);
    expect(rows).toEqual([{ changed_at_ms: 0, path: '/b' }]);
  });
});
