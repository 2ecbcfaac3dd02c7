import { spawnSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';
import { TRASH_DIRECTORY } from './trash-directory.ts';

const settings = { keepDeletedMs: 86_400_000 };

let base: string;
let home: string;
let server: TestServer;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-trash-elsewhere-'));
  home = join(base, 'site');
  server = await TestServer.start({ settings });
});
afterEach(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

const run = (...args: readonly string[]) =>
  runCommand([...args, '--data', server.settings.dataDir], { input: 'correct horse' });

async function logInAfterAdding(): Promise<ControlClient> {
  const added = await run('user', 'add', 'anna', '--home', home, '--password-stdin');
  expect(added).toMatchObject({ code: 0 });
  return await server.login();
}

async function restart(change: () => Promise<unknown>): Promise<void> {
  await server.stop();
  await change();
  server = await TestServer.start({ directory: server.directory, settings });
}

const trashOf = (directory: string) => join(directory, STAGING_DIRECTORY, 'trash', '1');
const kept = () => readdir(trashOf(home));

async function items(): Promise<{ readonly id: string; readonly path: string }[]> {
  return JSON.parse((await run('trash', 'list', 'anna', '--json')).stdout);
}

async function usedBytes(): Promise<number> {
  return JSON.parse((await run('user', 'show', 'anna', '--json')).stdout).usedBytes;
}

async function recounted(): Promise<number> {
  const { stdout } = await run('user', 'recount', 'anna');
  return Number(/(\d+) bytes in/.exec(stdout)?.[1]);
}

test('the trash is in the home, hidden, charged, and known after a restart', async () => {
  const client = await logInAfterAdding();
  await client.store('STOR a', 'first');
  await client.store('STOR a', 'second');
  await client.command('DELE a');
  await client.command('MKD d');
  await client.command('RMD d');
  expect((await kept()).length).toBe(3);
  expect(await readdir(server.rootDir)).not.toContain('anna');
  expect(await readdir(join(server.rootDir, TRASH_DIRECTORY))).toEqual([]);
  expect(String((await client.retrieve('NLST -a')).data)).toBe('');
  expect((await client.command(`CWD ${STAGING_DIRECTORY}/trash/1`)).code).toBe(550);
  expect(await recounted()).toBe(11);

  await restart(async () => {
    await writeFile(join(trashOf(home), 'unknown-to-the-database'), 'x');
    expect(await recounted()).toBe(11);
  });
  expect(await readdir(join(home, STAGING_DIRECTORY, 'trash/unknown/1'))).toHaveLength(1);
  const found = await items();
  expect(found.map(({ path }) => path).sort()).toEqual(['/a', '/a', '/d']);
  const [first] = found.filter(({ path }) => path === '/a');
  expect((await run('trash', 'restore', 'anna', first?.id ?? '')).stdout).toBe('Restored /a.\n');
  expect(['first', 'second']).toContain(await readFile(join(home, 'a'), 'utf8'));
  expect((await run('trash', 'empty', 'anna', '--yes')).stdout).toMatch(/^Deleted 2 items/);
  expect(await kept()).toEqual([]);
  expect(await recounted()).toBe((await readFile(join(home, 'a'))).length);
});

test('a crash in a replacement leaves one file, charged once', async () => {
  const client = await logInAfterAdding();
  await client.store('STOR a', 'octets');
  await client.command('DELE a');
  const [id = ''] = await kept();
  await restart(() => link(join(trashOf(home), id), join(home, 'a')));
  expect([await kept(), await items()]).toEqual([[], []]);
  expect(await readFile(join(home, 'a'), 'utf8')).toBe('octets');
  expect(await recounted()).toBe(6);
});

test.each(['missing', 'empty'])('a home that is not mounted loses nothing: %s', async (how) => {
  const client = await logInAfterAdding();
  await client.store('STOR a', 'octets');
  await client.command('DELE a');
  await restart(async () => {
    await rename(home, join(base, 'unmounted'));
    if (how === 'empty') await mkdir(home);
  });
  expect((await run('trash', 'list', 'anna')).stderr).toContain('home directory');
  expect((await run('trash', 'empty', 'anna', '--yes')).code).toBe(1);
  expect(await usedBytes()).toBe(6);
  if (how === 'empty') {
    expect(await readdir(home)).toEqual([]);
    await rm(home, { recursive: true });
  }
  await rename(join(base, 'unmounted'), home);
  expect(await items()).toEqual([expect.objectContaining({ path: '/a', sizeBytes: 6 })]);
  expect(await recounted()).toBe(6);
});

test('an open session drops nothing of a home that another directory has replaced', async () => {
  const client = await logInAfterAdding();
  await client.store('STOR a', 'octets');
  await client.command('DELE a');
  const [id = ''] = await kept();
  await rename(home, join(base, 'unmounted'));
  await mkdir(home);
  for (const line of ['SITE TRASH EMPTY', `SITE TRASH DROP ${id}`, `SITE TRASH RESTORE ${id}`]) {
    expect((await client.command(line)).code).toBe(550);
  }
  expect(await readdir(home)).toEqual([]);
  expect(await readdir(trashOf(join(base, 'unmounted')))).toEqual([id]);
  expect((await client.command('SITE QUOTA')).lines[0]).toContain(' 6 of ');
});

test('the removal of an account leaves the files alone', async () => {
  const client = await logInAfterAdding();
  await client.store('STOR a', 'octets');
  await client.store('STOR a', 'others');
  await client.close();
  expect((await run('user', 'remove', 'anna', '--yes')).code).toBe(0);
  expect(await readdir(home)).toEqual(['a']);
});

const canMount = (() => {
  const place = join(tmpdir(), 'myftp-can-mount-trash');
  spawnSync('mkdir', ['-p', place]);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  spawnSync('rmdir', [place]);
  return mounted;
})();

(canMount ? test : test.skip)(
  'a home on another file system keeps what it deletes (needs mount)',
  async () => {
    await mkdir(home);
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', home]);
    try {
      const client = await logInAfterAdding();
      await client.store('STOR a', 'first');
      expect((await client.store('STOR a', 'second')).closing.code).toBe(226);
      expect((await client.command('DELE a')).code).toBe(250);
      const [{ id } = { id: '' }] = await items();
      expect((await client.command(`SITE TRASH RESTORE ${id}`)).code).toBe(250);
      expect(await recounted()).toBe(11);
      await client.close();
    } finally {
      await server.stop();
      spawnSync('umount', [home]);
      server = await TestServer.start({ directory: server.directory, settings });
    }
  },
);
