import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { DatabaseTooNewError } from './database-error.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';

const MODULE = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe('migrate', () => {
  test('a second time changes nothing', async () => {
    const { queries } = openDatabase(':memory:');
    await migrate(queries);
    await migrate(queries);
    const tables = await queries.introspection.getTables();
    expect(tables.map(({ name }) => name).sort()).toEqual([
      'account',
      'account_group',
      'audit_event',
      'ban',
      'data_root',
      'folder',
      'folder_mount',
      'hook_delivery',
      'invite',
      'member',
      'partial',
      'quota',
      'quota_escrow',
      'receipt_number',
      'recount_request',
      'retired_home',
      'trash_item',
    ]);
  });

  test('a database of a later version is refused untouched', async () => {
    const { queries } = openDatabase(':memory:');
    await migrate(queries);
    await sql`INSERT INTO kysely_migration VALUES ('9999-later', '')`.execute(queries);
    await expect(migrate(queries)).rejects.toThrow(DatabaseTooNewError);
  });

  test('processes that start at once all find the database ready', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'myftp-migrate-'));
    const script = `
      const { openDatabase } = await import(${JSON.stringify(MODULE('open-database.ts'))});
      const { migrate } = await import(${JSON.stringify(MODULE('migrate.ts'))});
      const database = openDatabase(${JSON.stringify(join(directory, 'myftp.db'))});
      await migrate(database.queries);
      await database.close();
    `;
    const start = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    try {
      await Promise.all([start(), start(), start()]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
