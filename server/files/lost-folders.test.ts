import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const DAY_MS = 86_400_000;

let base: string;
let server: TestServer;
let anna: ControlClient;
let nowMs: number;

async function done(line: string): Promise<string> {
  const args = [...line.split(' '), '--data', server.settings.dataDir];
  const { code, stdout, stderr } = await runCommand(args);
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout;
}

const reply = async (line: string) => (await anna.command(line)).lines[0];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-lost-folders-'));
  nowMs = Date.now();
  server = await TestServer.start({ settings: { keepDeletedMs: DAY_MS }, now: () => nowMs });
  anna = await server.signUp('anna');
  await mkdir(join(base, 'team'));
  await done(`folder add team --path ${join(base, 'team')}`);
  await done('folder share team anna --at /team');
});
afterAll(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

test('in a folder that is not available, nothing is told or done about the account instead', async () => {
  await anna.store('STOR mine', 'octets');
  await anna.command('DELE mine');
  await anna.command('CWD /team');
  await rename(join(base, 'team'), join(base, 'away'));
  // Sessions get their folders again, without those that are not available.
  await done('folder add other');
  await done('folder share other anna --at /other');
  const refusal = '550 /team: the shared folder is not available.';
  const lines = ['TRASH', 'TRASH EMPTY', 'PARTIALS', 'QUOTA'].map((verb) => `SITE ${verb}`);
  for (const line of [...lines, 'AVBL', 'AVBL x'])
    expect([line, await reply(line)]).toEqual([line, refusal]);
  expect(await reply('PWD')).toContain('"/team"');
  await rename(join(base, 'away'), join(base, 'team'));
  expect(await reply('CWD .')).toMatch(/^250/);
  expect(await reply('SITE TRASH')).toBe('213 The trash is empty.');
  await anna.command('CWD /');
  expect((await anna.command('SITE TRASH')).lines[1]).toMatch(/ \/mine$/);
});

test('a directory that is shared stays when retention has emptied it', async () => {
  await server.signUp('ben');
  const shared = join(server.rootDir, 'ben/camera/shared');
  for (const name of ['shared', 'day']) await mkdir(join(shared, '..', name), { recursive: true });
  await done('folder add camera --owner ben --directory /camera/shared');
  await done('folder share camera anna --at /camera');
  await done('user retention ben --directory / --delete-after 1d --remove-empty');
  nowMs += 2 * DAY_MS;
  expect(await done('retention run --dry-run --json')).toMatch(/"directories": 1\b/);
  await anna.store('STOR /camera/a', 'octets');
  await done('retention run');
  expect(existsSync(join(shared, 'a'))).toBe(false);
  expect(existsSync(join(shared, '../day'))).toBe(false);
  expect((await anna.store('STOR /camera/b', 'octets')).closing.code).toBe(226);
});
