import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';

let base: string;
let server: TestServer;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-shared-home-'));
  server = await TestServer.start();
});
afterAll(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

const run = (line: string) =>
  runCommand([...line.split(' '), '--data', server.settings.dataDir], { input: PASSWORD });

async function login(username: string) {
  const client = await server.connect();
  await client.command(`USER ${username}`);
  expect((await client.command(`PASS ${PASSWORD}`)).code).toBe(230);
  return client;
}

test('a home that another account has is refused with the commands that share it', async () => {
  await run(`user add anna --home ${base}/films --password-stdin`);
  const refused = (home: string) => run(`user add ben --home ${home} --password-stdin`);
  const inCommon = (home: string) =>
    `myftp-server: ${home} and ${base}/films, the home of anna, have files in common. Each account needs a home of its own.`;
  const share = (directory: string) =>
    ` To share these files, add ben without this home, then: myftp-server folder add <folder> --owner anna --directory ${directory} && myftp-server folder share <folder> ben --at /<folder>\n`;
  expect(await refused(`${base}/films`)).toEqual({
    code: 1,
    stdout: '',
    stderr: `${inCommon(`${base}/films`)}${share('/')}`,
  });
  expect((await refused(`${base}/films/new`)).stderr).toBe(
    `${inCommon(`${base}/films/new`)}${share('/new')}`,
  );
  expect((await refused(base)).stderr).toBe(`${inCommon(base)}\n`);
  expect((await run('user show ben')).code).toBe(1);
});

test('three commands have two accounts work in one directory', async () => {
  for (const line of [
    'user add ben --password-stdin',
    'folder add films --owner anna --directory /',
    'folder share films ben --at /films',
  ])
    expect([line, (await run(line)).code]).toEqual([line, 0]);
  const [anna, ben] = [await login('anna'), await login('ben')];
  await ben.store('STOR /films/a', 'of ben');
  expect((await anna.retrieve('RETR a')).data.toString()).toBe('of ben');
  expect(await readFile(join(base, 'films/a'), 'utf8')).toBe('of ben');
  expect((await anna.command('SITE QUOTA')).lines[0]).toMatch(/^200 6 of /);
  expect((await ben.command('SITE QUOTA')).lines[0]).toMatch(/^200 0 of /);
});
