import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import SQLite from 'better-sqlite3';
import { pino } from 'pino';
import { silentLogs } from '../logging/logging.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';
import { parseHooks } from './hook.ts';

let directory: string;
let server: TestServer;
let logged: string[];

beforeEach(async () => {
  logged = [];
  directory = mkdtempSync(join(tmpdir(), 'myftp-hooks-'));
  const program = join(directory, 'hook');
  writeFileSync(program, `#!/bin/sh\necho + >> ${directory}/calls; exit 1\n`, { mode: 0o755 });
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  const settings = { hooks: parseHooks(`upload=${program}`) };
  server = await TestServer.start({ settings, logs: { ...silentLogs(), server: log } });
});
afterEach(async () => {
  await server.dispose();
  rmSync(directory, { recursive: true });
});

function calls(): string {
  const file = join(directory, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function firstLeft(): Promise<Record<string, unknown> | undefined> {
  const args = ['hooks', 'list', '--json', '--data', server.settings.dataDir];
  return JSON.parse((await runCommand(args)).stdout)[0];
}

test('while the database takes no result, a hook that fails is not called again and again', async () => {
  const anna = await server.signUp();
  const database = new SQLite(join(server.settings.dataDir, 'myftp.db'));
  database.exec(`CREATE TRIGGER no_room BEFORE UPDATE ON hook_delivery
    BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`);
  await anna.store('STOR a', 'x');
  const looks = () => logged.filter((line) => line.includes('could not be read; trying again'));
  while (looks().length < 2 && calls().length < 8) await delay(20);
  expect(calls()).toBe('+\n');
  database.exec('DROP TRIGGER no_room');
  database.close();
  while ((await firstLeft())?.attempts !== 1);
  expect(await firstLeft()).toMatchObject({ lastError: 'exit code 1' });
  expect(calls()).toBe('+\n');
});
