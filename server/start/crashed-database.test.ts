import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import SQLite from 'better-sqlite3';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
  await server.stop();
});

afterEach(() => server.dispose());

/** Damages a page that the start does not need, which only reading the whole database finds. */
function damage(lastRun: 'clean' | 'crashed'): void {
  const file = path.join(server.directory, 'myftp.db');
  const database = new SQLite(file);
  if (lastRun === 'crashed') database.exec("INSERT INTO member VALUES ('x', '', '', 1, NULL)");
  const page = database
    .prepare("SELECT rootpage FROM sqlite_master WHERE name = 'retired_home'")
    .pluck()
    .get() as number;
  const pageBytes = database.pragma('page_size', { simple: true }) as number;
  database.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(pageBytes, 0xff), 0, pageBytes, (page - 1) * pageBytes);
  closeSync(descriptor);
}

test('after a crash the database is read through, and damage ends the start', async () => {
  damage('crashed');
  await expect(TestServer.start({ directory: server.directory })).rejects.toThrow(
    /^--data: The database .*myftp\.db is damaged or is not a database /,
  );
});

test('after a stop in order it is not, which takes seconds with many audit events', async () => {
  damage('clean');
  server = await TestServer.start({ directory: server.directory });
});
