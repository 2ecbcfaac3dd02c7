import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { homesCheck } from '../doctor/homes-check.ts';
import { contextFor } from '../doctor/run-checks.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { cutUpload } from '../testing/cut-upload.ts';
import { runCommand } from '../testing/run-command.ts';
import { stagedFiles } from '../testing/staged-files.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';

let base: string;
let home: string;
let server: TestServer;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-elsewhere-'));
  home = join(base, 'site');
  server = await TestServer.start();
});
afterEach(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

function user(...args: readonly string[]) {
  return runCommand(['user', ...args, '--data', server.settings.dataDir], { input: PASSWORD });
}

const add = (name: string, path: string, ...flags: readonly string[]) =>
  user('add', name, '--home', path, '--password-stdin', ...flags);

async function restart(change: () => Promise<void> | void = () => {}): Promise<void> {
  await server.stop();
  await change();
  server = await TestServer.start({ directory: server.directory });
}

const text = async (client: ControlClient, line: string) =>
  (await client.command(line)).lines.join('\n');

async function usedBytes(): Promise<number> {
  return JSON.parse((await user('show', 'anna', '--json')).stdout).usedBytes;
}

describe('a home outside of the root', () => {
  test('is served like others, charged exactly, and shown by the commands', async () => {
    expect(await add('anna', home)).toMatchObject({ code: 0, stderr: '' });
    const client = await server.login();
    for (const line of ['STOR a', 'APPE a', 'STOU']) {
      expect((await client.store(line, 'octets')).closing.code).toBe(226);
    }
    await client.command('MKD d');
    await cutUpload(client, 'STOR d/cut', 'octets');
    expect(await text(client, 'SITE QUOTA')).toContain(' 24 of ');
    expect(await readFile(join(home, 'a'), 'utf8')).toBe('octetsoctets');
    expect((await user('recount', 'anna')).stdout).toContain('24 bytes in 3 files');
    await restart();
    const listed = JSON.parse((await user('list', '--json')).stdout);
    expect(listed).toEqual([expect.objectContaining({ home, usedBytes: 24, usedFiles: 3 })]);
  });

  test('keeps its staging directory from its clients', async () => {
    await add('anna', home);
    const client = await server.login();
    await cutUpload(client, 'STOR cut', 'octets');
    await symlink(STAGING_DIRECTORY, join(home, 'link'));
    for (const [line, expected] of [
      ['LIST -a', /^-rw.* cut\r\n$/],
      ['MLSD', /^type=cdir;.*\r\ntype=file;.* cut\r\n$/],
      ['NLST -a', /^cut\r\n$/],
      ['NLST .my*', /^$/],
    ] as const) {
      expect((await client.retrieve(line)).data.toString()).toMatch(expected);
    }
    const inside = `${STAGING_DIRECTORY}/home`;
    for (const path of [STAGING_DIRECTORY, `/x/../${STAGING_DIRECTORY}`, inside, 'link/home']) {
      for (const verb of ['CWD', 'MLST', 'SIZE', 'RNFR', 'DELE', 'RMD', 'MKD', 'SITE CHMOD 777']) {
        expect(await text(client, `${verb} ${path}`)).toMatch(/^550 /);
      }
      expect((await client.store(`STOR ${path}`, 'x')).closing.code).toBe(550);
      expect((await client.retrieve(`RETR ${path}`)).closing.code).toBe(550);
    }
    await client.command('MKD d');
    await client.command('RNFR d');
    expect(await text(client, `RNTO ${STAGING_DIRECTORY}`)).toMatch(/^550 /);
    expect((await readdir(join(home, STAGING_DIRECTORY))).length).toBe(2);
  });

  test('has its partial uploads after a restart, and what the database does not know is put aside', async () => {
    await add('anna', home);
    await cutUpload(await server.login(), 'STOR cut', 'octets');
    const staging = join(home, STAGING_DIRECTORY, '1');
    await restart(() => writeFile(join(staging, 'unknown'), 'x'));
    expect(await readdir(join(home, STAGING_DIRECTORY, 'unknown/1'))).toEqual(['unknown']);
    const client = await server.login();
    await client.command('REST 6');
    expect((await client.store('STOR cut', 'more')).closing.code).toBe(226);
    expect(await readFile(join(home, 'cut'), 'utf8')).toBe('octetsmore');
    expect(await stagedFiles(staging)).toEqual([]);
  });

  test('that holds files is adopted with its size, on request only', async () => {
    await mkdir(home);
    await writeFile(join(home, 'old'), '0123456789');
    expect((await add('anna', home)).stderr).toBe(
      `myftp-server: ${home} is not empty. Add --adopt to give the account what it holds.\n`,
    );
    expect(await readdir(home)).toEqual(['old']);
    expect((await add('anna', home, '--adopt')).stdout).toContain('Its home holds 10 bytes');
    const client = await server.login();
    expect(await text(client, 'SITE QUOTA')).toContain(' 10 of ');
  });

  test('is of one account alone, and holds nothing of the server', async () => {
    await add('anna', home);
    const { rootDir, settings } = server;
    await symlink(home, join(base, 'link'));
    await writeFile(join(base, 'file'), '');
    for (const [path, reason] of [
      [home, 'the home of anna'],
      [join(base, 'link'), 'the home of anna'],
      [base, 'the home of anna'],
      [join(home, 'below'), 'the home of anna'],
      [rootDir, 'which holds the other homes'],
      [join(rootDir, 'otto'), 'which holds the other homes'],
      ['/', 'the home of anna'],
      [join(settings.dataDir, 'x'), 'the data directory of the server'],
      [settings.logDir, 'the log directory of the server'],
      [join(base, 'file'), 'is not a directory'],
      [join(base, 'no/parent'), 'does not exist'],
      ['site', 'is not an absolute path'],
    ] as const) {
      const { code, stderr } = await add('berta', path, '--adopt');
      expect([path, code, stderr]).toEqual([
        path,
        expect.any(Number),
        expect.stringContaining(reason),
      ]);
      expect(code).not.toBe(0);
    }
    expect((await user('show', 'berta')).code).not.toBe(0);
    expect((await add('berta', join(rootDir, 'berta'))).code).toBe(0);
  });

  test('stays when the account is removed, without the staging directory', async () => {
    await add('anna', home);
    const client = await server.login();
    await client.store('STOR a', 'octets');
    await client.close();
    const refused = await user('remove', 'anna', '--delete-files', '--yes');
    expect(refused.stderr).toContain(`${home} is outside of the root`);
    expect((await user('remove', 'anna', '--yes')).stdout).toContain(`The files in ${home} stay`);
    expect(await readdir(home)).toEqual(['a']);
    expect((await add('anna', home, '--adopt')).code).toBe(0);
  });
});

test('backup names the homes that it does not hold', async () => {
  await add('anna', home);
  const args = ['backup', join(base, 'backup'), '--data', server.settings.dataDir];
  const { code, stdout } = await runCommand(args);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${server.rootDir}, ${home} after`)]);
});

describe('a home that is not mounted', () => {
  test.each(['missing', 'empty'])('is refused at login, and loses nothing: %s', async (how) => {
    await add('anna', home);
    const before = await server.login();
    await before.store('STOR a', 'octets');
    await cutUpload(before, 'STOR cut', 'octets');
    await restart(async () => {
      await rename(home, join(base, 'unmounted'));
      if (how === 'empty') await mkdir(home);
    });
    await expect(server.login()).rejects.toThrow(
      'login failed: 530 The home directory of this account is not available; try again later.',
    );
    expect((await user('recount', 'anna')).stdout).toContain('the home is not mounted');
    expect(await usedBytes()).toBe(12);
    const [verdict] = await homesCheck.inspect(await contextFor(server.settings));
    expect(verdict).toMatchObject({ level: 'problem', text: expect.stringContaining(home) });
    expect(existsSync(home) ? await readdir(home) : []).toEqual([]);

    if (how === 'empty') await rm(home, { recursive: true });
    await rename(join(base, 'unmounted'), home);
    const client = await server.login();
    expect(await text(client, 'MLST cut')).toContain('size=6;');
    await client.command('REST 6');
    expect((await client.store('STOR cut', 'more')).closing.code).toBe(226);
    expect(await text(client, 'SITE QUOTA')).toContain(' 16 of ');
    const [found] = await homesCheck.inspect(await contextFor(server.settings));
    expect(found).toMatchObject({ level: 'ok' });
  });

  test('is neither read nor changed by a session that is open', async () => {
    await add('anna', home);
    const client = await server.login();
    await rename(home, join(base, 'unmounted'));
    await mkdir(home);
    expect((await client.store('STOR a', 'octets')).closing.code).toBe(550);
    expect((await client.retrieve('LIST')).closing.code).toBe(550);
    expect((await client.command('MKD d')).lines).toEqual([
      '550 The home directory of this account is not available.',
    ]);
    expect(await readdir(home)).toEqual([]);
  });
});

const canMount = (() => {
  const place = join(tmpdir(), 'myftp-can-mount');
  spawnSync('mkdir', ['-p', place]);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  spawnSync('rmdir', [place]);
  return mounted;
})();

(canMount ? test : test.skip)(
  'a home on another file system takes uploads, also at its place in the root (needs mount)',
  async () => {
    for (const [name, path] of [
      ['anna', home],
      ['berta', join(server.rootDir, 'berta')],
    ] as const) {
      await mkdir(path);
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path]);
      try {
        await chmod(path, 0o750);
        expect((await add(name, path)).code).toBe(0);
        const client = await server.login(name);
        expect((await client.store('STOR a', 'octets')).closing.code).toBe(226);
        expect((await client.store('APPE a', 'octets')).closing.code).toBe(226);
        await cutUpload(client, 'STOR cut', 'octets');
        await client.command('REST 6');
        expect((await client.store('STOR cut', 'more')).closing.code).toBe(226);
        await client.close();
        await restart(() => void spawnSync('umount', [path]));
        await expect(server.login(name)).rejects.toThrow('530 The home directory');
        expect(await readdir(path)).toEqual([]);
      } finally {
        spawnSync('umount', [path]);
      }
    }
  },
);
