import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.dispose());

async function run(line: string): Promise<string> {
  const args = [...line.split(' '), '--data', server.settings.dataDir];
  const { code, stdout, stderr } = await runCommand(args);
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout;
}

/** What a session that runs changes: reservations and the last login. SITE QUOTA tells exactly what is used. */
const VARYING = /"(?:used\w+|lastLoginAt)": .*/g;

const VIEWS = [
  'folder list --json',
  'user show anna --json',
  'user show ben --json',
  'user quota folder:team --json',
  'user rights ben --json',
  'user retention anna --json',
  'group retention staff --json',
];

async function views(): Promise<readonly string[]> {
  const shown: string[] = [];
  for (const line of VIEWS) shown.push((await run(line)).replaceAll(VARYING, ''));
  return shown;
}

/** What ben can do in the folder, and what it uses. */
async function usesOf(ben: ControlClient) {
  const { data } = await ben.retrieve('RETR /team/plan');
  const [deleted, stored] = [
    await ben.command('DELE /team/plan'),
    await ben.command('MKD /team/mine'),
  ];
  await ben.command('CWD /team');
  const quota = await ben.command('SITE QUOTA');
  await ben.command('CWD /');
  return [data.toString(), deleted.code, stored.code, quota.lines];
}

test('a restore brings back folders, rights, quotas and retention, and the files stay', async () => {
  const anna = await server.signUp('anna');
  const ben = await server.signUp('ben');
  for (const line of [
    'folder add team --quota 1MB',
    'folder share team anna --at /team',
    'folder share team ben --at /team --read-only',
    'group add staff',
    'group retention staff --delete-after 60d',
    'user group ben staff',
    'user rights ben no-overwrite /',
    'user retention anna --directory /cam --delete-after 30d --oldest-first',
  ])
    await run(line);
  await anna.store('STOR /team/plan', 'the plan');
  await anna.store('STOR own', 'own');
  const [shown, used] = [await views(), await usesOf(ben)];
  const copy = join(server.directory, 'copy');
  await run(`backup ${copy}`);
  for (const line of [
    'folder remove team --yes',
    'user retention anna --directory /cam --off',
    'group retention staff --off',
    'user rights ben full /',
  ])
    await runCommand([...line.split(' '), '--data', server.settings.dataDir]);
  expect(await run('folder list')).toBe('There are no shared folders.\n');
  await server.stop();
  await run(`restore ${copy} --yes`);
  server = await TestServer.start({ directory: server.directory });
  const again = await server.connect();
  await again.command('USER ben');
  await again.command('PASS correct horse');
  expect(used).toEqual(['the plan', 550, 550, [expect.stringContaining('200 8 of ')]]);
  // The start measures all files; until then, what was reserved at the backup counts.
  while (JSON.stringify(await usesOf(again)) !== JSON.stringify(used));
  expect(await views()).toEqual(shown);
});
