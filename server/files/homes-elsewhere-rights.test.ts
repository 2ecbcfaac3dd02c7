import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { cutUpload } from '../testing/cut-upload.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let base: string;
let home: string;
let server: TestServer;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-elsewhere-rights-'));
  home = join(base, 'site');
  server = await TestServer.start({ settings: { anonymousAccount: 'anna' } });
  await run('user', 'add', 'anna', '--home', home, '--password-stdin');
  await mkdir(join(home, 'in'));
  await symlink(`../${STAGING_DIRECTORY}`, join(home, 'in/link'));
  await run('user', 'rights', 'anna', 'upload-only', '/in');
});
afterEach(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

async function run(...args: readonly string[]): Promise<void> {
  const data = ['--data', server.settings.dataDir];
  expect(await runCommand([...args, ...data], { input: 'correct horse' })).toMatchObject({
    code: 0,
  });
}

test('rights hold, and hide the staging directory with all else', async () => {
  const client = await server.login();
  await client.command('CWD in');
  expect((await client.store('STOR a', 'octets')).closing.code).toBe(226);
  expect((await client.store('STOR a', 'others')).closing.code).toBe(226);
  expect((await client.retrieve('RETR a')).closing.code).toBe(550);
  expect((await client.command('DELE a')).code).toBe(550);
  expect(await readFile(join(home, 'in/a'), 'utf8')).toBe('octets');
  for (const path of [`/${STAGING_DIRECTORY}/x`, 'link/x', `/in/${STAGING_DIRECTORY}`]) {
    expect((await client.store(`STOR ${path}`, 'x')).closing.code).toBe(550);
    expect((await client.command(`MKD ${path}`)).code).toBe(550);
  }
  await client.command('CWD /');
  expect(String((await client.retrieve('NLST -a')).data)).toBe('in\r\n');
  expect(String((await client.retrieve('MLSD')).data)).not.toContain(STAGING_DIRECTORY);
});

test('anonymous users share it, but not while it is not mounted', async () => {
  const anonymous = await server.connect();
  await anonymous.login('anonymous', 'guest');
  await anonymous.command('CWD in');
  await cutUpload(anonymous, 'STOR cut', 'octets');
  await anonymous.command('REST 6');
  expect((await anonymous.store('STOR cut', 'more')).closing.code).toBe(226);
  expect(await readFile(join(home, 'in/cut'), 'utf8')).toBe('octetsmore');
  await rename(home, join(base, 'unmounted'));
  await mkdir(home);
  expect((await anonymous.store('STOR cut', 'x')).closing.code).toBe(550);
  const next = await server.connect();
  await expect(next.login('anonymous', 'guest')).rejects.toThrow('530');
  expect(await readdir(home)).toEqual([]);
});
