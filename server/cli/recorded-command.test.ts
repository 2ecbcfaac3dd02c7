import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-recorded-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (args: string[], input = '') => runCommand([...args, '--data', directory], { input });

const words = (line: string, input = '') => run(line.split(' '), input);

async function events(filter = ''): Promise<readonly Record<string, unknown>[]> {
  const { stdout } = await words(`audit --json --kind admin${filter}`);
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .reverse();
}

const BY = `; by ${userInfo().username}`;

test('commands that change something are in the audit log, without passwords', async () => {
  await words('user add anna --quota 1GB --password-stdin', 'correct horse');
  await words('user passwd anna --must-change --password-stdin', 'battery staple');
  await words('user quota anna 2GB --max-files 7 --json');
  await run(['user', 'limits', 'anna', '--deny-names', '*.exe,a b']);
  await words('group add staff');
  await words('group rights staff read-only /in');
  await words('user retention anna --delete-after 30d');
  await words('user retention anna');
  await words('folder add team');
  await words('folder list');
  await words('invite create --uses 3');
  await words('user remove anna --yes');
  const found = await events();
  expect(found.map(({ reason }) => reason)).toEqual([
    `user add anna --cut-uploads default --quota 1GB${BY}`,
    `user passwd anna --must-change${BY}`,
    `user quota anna 2GB --max-files 7${BY}`,
    `user limits anna --deny-names '*.exe,a b'${BY}`,
    `group add staff${BY}`,
    `group rights staff read-only /in${BY}`,
    `user retention anna --delete-after 30d${BY}`,
    `folder add team${BY}`,
    `invite create --uses 3 --expires 7d${BY}`,
    `user remove anna${BY}`,
  ]);
  expect(found[0]).toMatchObject({ kind: 'admin', outcome: 'ok', username: 'anna', session: '' });
  expect(JSON.stringify(found)).not.toMatch(/horse|staple/);
  expect((await events(' --user ANNA')).length).toBe(6);
  expect((await words('audit')).stdout).toMatch(/ admin +ok +\(user remove anna; by /);
});

test('so are those for bans, hooks, sessions and backups', async () => {
  const before = (await events()).length;
  const [copy, none] = [join(directory, 'copy'), join(directory, 'none')];
  await words('ban add 203.0.113.7 --for 1h --reason scans');
  await words('ban remove 203.0.113.7');
  await words('ban list');
  await words('hooks retry');
  await words('trash empty anna --yes');
  await words(`backup ${copy}`);
  await words('drain --off');
  await words('kick anna --json');
  await words('reload');
  await words('who');
  await words(`restore ${none} --yes`);
  const found = (await events()).slice(before);
  expect(
    found.map(({ outcome, reason }) => `${outcome} ${String(reason).split('; by ')[0]}`),
  ).toEqual([
    'ok ban add 203.0.113.7 --for 1h --reason scans',
    'ok ban remove 203.0.113.7',
    'ok hooks retry',
    'failed trash empty anna',
    `ok backup ${copy}`,
    'failed drain --off',
    'failed kick anna',
    'failed reload',
    `failed restore ${none}`,
  ]);
  await words(`restore ${copy} --yes`);
  expect((await events()).at(-1)).toMatchObject({ outcome: 'ok', reason: `restore ${copy}${BY}` });
});

test('those that only show something are not', async () => {
  await words('user add bert --external');
  const before = (await events()).length;
  for (const line of [
    'user list',
    'user show bert --json',
    'user quota bert',
    'user rate bert --json',
    'user mode bert',
    'user limits bert',
    'user networks bert',
    'group list',
    'group rights staff',
    'invite list',
    'hooks list',
    'root',
    'user quota bert many',
  ])
    await words(line);
  expect((await events()).length).toBe(before);
});

test('what has failed is there with the reason', async () => {
  await words('user quota nobody 1GB');
  expect((await events()).at(-1)).toMatchObject({
    outcome: 'failed',
    username: 'nobody',
    reason: `user quota nobody 1GB${BY}: No such account: "nobody".`,
  });
  const empty = join(directory, 'empty');
  expect((await runCommand(['user', 'disable', 'anna', '--data', empty])).stderr).toContain(
    'there is no database',
  );
});
