import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { needsMigration } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { TestServer } from '../testing/test-server.ts';
import { undoEntries } from '../testing/undo-entries.ts';
import { migrateBesideServer } from './migrate-beside-server.ts';

let server: TestServer;
let database: Database;

/** As a server of an older version has left it, which does not know the last change. */
beforeEach(async () => {
  server = await TestServer.start();
  database = openDatabase(path.join(server.settings.dataDir, 'myftp.db'));
  await undoEntries(database.queries);
});

afterEach(async () => {
  await database.close();
  await server.dispose();
});

describe('a command of a newer version', () => {
  test('does not change the tables of a running server, and says so', async () => {
    await expect(migrateBesideServer(database.queries, server.settings)).rejects.toThrow(
      new RegExp(
        `^The database is in use by myftp-server .* \\(pid ${process.pid} on .*, and this command .* would have to change its tables\\.`,
      ),
    );
    expect(await needsMigration(database.queries)).toBe(true);
  });

  test('changes them when no server runs', async () => {
    await server.stop();
    await migrateBesideServer(database.queries, server.settings);
    expect(await needsMigration(database.queries)).toBe(false);
    server = await TestServer.start({ directory: server.directory });
  });
});
