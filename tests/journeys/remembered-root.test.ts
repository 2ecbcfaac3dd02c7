import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';

let server: ServerProcess;
let root: string;

beforeEach(async () => {
  const directory = await ServerProcess.makeDirectory();
  root = join(directory, 'homes');
  server = await ServerProcess.start(directory, '--root', root);
  const client = await server.signUp('anna', PASSWORD);
  await client.store('STOR a.bin', '12345');
});
afterEach(() => server.dispose());

function attempt(...flags: string[]) {
  return ServerProcess.attempt(['--data', server.directory, '--port', '0', ...flags]);
}

/** Waits until the files are measured, beside their clients. */
async function untilQuota(client: ControlClient, start: string): Promise<void> {
  await until(async () => {
    const [line = ''] = (await client.command('SITE QUOTA')).lines;
    return line.startsWith(start);
  });
}

describe('commands use the root that the server was started with', () => {
  test('user remove --delete-files deletes the files there', async () => {
    const { code, stdout } = await server.administer([
      'user',
      'remove',
      'anna',
      '--delete-files',
      '--yes',
    ]);
    expect([code, stdout]).toEqual([0, `Removed anna. All files in ${root}/anna are deleted.\n`]);
    expect(existsSync(join(root, 'anna'))).toBe(false);
  });

  test('user show names the home there, and root the directory', async () => {
    const { stdout } = await server.administer(['user', 'show', 'anna']);
    expect(stdout).toContain(`${root}/anna`);
    expect((await server.administer(['root'])).stdout).toBe(`${root}\n`);
  });

  test('another root is refused, and nothing is removed', async () => {
    const other = join(server.directory, 'files');
    for (const command of [
      ['user', 'remove', 'anna', '--delete-files', '--yes', '--root', other],
      ['user', 'show', 'anna', '--root', other],
    ]) {
      const { code, stderr } = await server.administer(command);
      expect([code, stderr]).toEqual([
        78,
        `myftp-server: --root: the server keeps the files of these accounts in ${root}, not in ${other}. Leave this setting out, or name the --data directory that belongs to it.\n`,
      ]);
    }
    expect(existsSync(join(root, 'anna/a.bin'))).toBe(true);
    const { code } = await server.administer(['user', 'show', 'anna', '--root', root]);
    expect(code).toBe(0);
  });

  test('a root that is not there is not said to be deleted', async () => {
    await server.end('SIGTERM');
    await rename(root, `${root}-away`);
    const { code, stderr } = await server.administer([
      'user',
      'remove',
      'anna',
      '--delete-files',
      '--yes',
    ]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^myftp-server: .* is missing or empty\. Mount its file system/),
    ]);
    expect((await server.administer(['user', 'show', 'anna'])).code).toBe(0);
  });
});

describe('a server that is started', () => {
  beforeEach(async () => {
    await server.end('SIGTERM');
  });

  test('without the root that it had is refused, and the files stay in sight', async () => {
    const { code, stderr } = await attempt();
    expect(code).toBe(78);
    expect(stderr).toMatch(
      new RegExp(`^myftp-server: --root .*/files: the files of the accounts are in ${root}\\. `),
    );
    expect(existsSync(join(server.directory, 'files'))).toBe(false);
  });

  test('where the disk of the root is not mounted is refused and makes no directory', async () => {
    await rename(root, `${root}-unmounted`);
    const missing = await attempt('--root', root);
    expect(missing.code).toBe(75);
    expect(missing.stderr).toMatch(/: the files of the accounts were in this directory, /);
    expect(existsSync(root)).toBe(false);
    await mkdir(root);
    expect((await attempt('--root', root)).code).toBe(75);
    await rm(root, { recursive: true });
    await rename(`${root}-unmounted`, root);
    server = await ServerProcess.start(server.directory, '--root', root);
  });

  test('with a root that has moved accepts it and measures its files', async () => {
    const moved = join(server.directory, 'moved');
    await rename(root, moved);
    await writeFile(join(moved, 'anna/b.bin'), '123');
    server = await ServerProcess.start(server.directory, '--root', moved);
    const client = await server.login('anna', PASSWORD);
    await untilQuota(client, '200 8 of ');
    expect((await server.administer(['root'])).stdout).toBe(`${moved}\n`);
  });

  test('with a link to the same root accepts it', async () => {
    const link = join(server.directory, 'link');
    await symlink(root, link);
    server = await ServerProcess.start(server.directory, '--root', link);
    const log = await readFile(join(server.directory, 'logs/server.log'), 'utf8');
    expect(log).not.toContain('recounted');
  });

  test('with an empty one is accepted once the root command has said that it is meant', async () => {
    const other = join(server.directory, 'other');
    await mkdir(other);
    expect((await attempt('--root', other)).code).toBe(78);
    expect((await server.administer(['root', other])).code).toBe(0);
    server = await ServerProcess.start(server.directory, '--root', other);
    const client = await server.login('anna', PASSWORD);
    await untilQuota(client, '200 0 of ');
  });
});

test('the root cannot be changed under a running server', async () => {
  const { code, stderr } = await server.administer(['root', server.directory]);
  expect(code).toBe(75);
  expect(stderr).toContain(`pid ${server.child.pid}`);
});
