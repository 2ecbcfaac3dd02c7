import { existsSync, lstatSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { octets } from '../clients/samples.ts';
import { ServerProcess } from './server-process.ts';

const PASSWORD = 'correct horse';

let base: string;
let backup: string;
let server: ServerProcess;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-backup-'));
  backup = join(base, "a backup's place");
  server = await ServerProcess.start(join(base, 'the data "here"'));
  await server.signUp('anna', PASSWORD);
});

afterEach(async () => {
  await server.end('SIGKILL');
  await rm(base, { recursive: true, force: true });
});

async function administer(...args: string[]) {
  return await server.administer(args);
}

async function usernames(): Promise<string[]> {
  const { stdout } = await administer('user', 'list', '--json');
  return JSON.parse(stdout).map(({ username }: { username: string }) => username);
}

describe('a backup', () => {
  test('of a server with uploads running is whole, and lets nobody else read it', async () => {
    const client = await server.login('anna', PASSWORD);
    const data = await client.openData();
    await client.command('STOR a.bin');
    data.write(octets(100_000));
    const { code, stdout } = await administer('backup', backup);
    expect([code, stdout]).toEqual([
      0,
      `Backed up myftp.db, tls/certificate.pem, tls/key.pem to ${backup}.\nThe files of the accounts are not in it: back up ${join(server.directory, 'files')} after this.\n`,
    ]);
    data.end();
    expect((await client.reply()).code).toBe(226);
    const modes = ['', 'myftp.db', 'tls/key.pem', 'manifest.json'].map(
      (file) => lstatSync(join(backup, file)).mode & 0o077,
    );
    expect(modes).toEqual([0, 0, 0, 0]);
    expect((await readdir(backup)).toSorted()).toEqual(['manifest.json', 'myftp.db', 'tls']);
    expect(JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'))).toMatchObject({
      format: 1,
      rootDir: join(server.directory, 'files'),
      files: [{ path: 'myftp.db', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, {}, {}],
    });
  });

  test('is not mixed with what a directory holds already', async () => {
    await mkdir(backup);
    await writeFile(join(backup, 'x'), '');
    const { code, stderr } = await administer('backup', backup);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/ is not empty\. Name a directory /)]);
    expect(await readdir(backup)).toEqual(['x']);
  });
});

describe('a restore', () => {
  test('is refused while the server runs, and changes nothing', async () => {
    await administer('backup', backup);
    await server.signUp('bert', PASSWORD);
    const { code, stderr } = await administer('restore', backup, '--yes');
    expect([code, stderr]).toEqual([75, expect.stringContaining(`pid ${server.child.pid} on `)]);
    expect(await usernames()).toEqual(['anna', 'bert']);
  });

  test('does not have the write-ahead log of the database before replayed into it', async () => {
    await administer('backup', backup);
    await server.signUp('bert', PASSWORD);
    const client = await server.login('anna', PASSWORD);
    await client.store('STOR later.bin', octets(50_000));
    await server.end('SIGKILL');
    const wal = join(server.directory, 'myftp.db-wal');
    expect(lstatSync(wal).size).toBeGreaterThan(0);

    const { code, stdout } = await administer('restore', backup, '--yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('myftp.db.replaced beside it')]);
    expect([existsSync(wal), existsSync(join(server.directory, 'myftp.db-shm'))]).toEqual([
      false,
      false,
    ]);
    expect(lstatSync(join(server.directory, 'myftp.db')).mode & 0o777).toBe(0o600);
    expect(await usernames()).toEqual(['anna']);

    server = await ServerProcess.start(server.directory);
    const again = await server.login('anna', PASSWORD);
    // The files are measured beside their clients, as they are newer than the backup.
    const quota = async () => (await again.command('SITE QUOTA')).lines[0] ?? '';
    while ((await quota()).startsWith('200 0 of '));
    expect(await quota()).toMatch(/^200 50000 of /);
  });

  test('keeps the database before, with what its write-ahead log held', async () => {
    await administer('backup', backup);
    await server.signUp('bert', PASSWORD);
    await server.end('SIGKILL');
    await administer('restore', backup, '--yes');
    const old = join(base, 'old');
    await mkdir(old);
    await copyFile(join(server.directory, 'myftp.db.replaced'), join(old, 'myftp.db'));
    const { stdout } = await ServerProcess.attempt(['user', 'list', '--data', old]);
    expect(stdout).toMatch(/^bert /m);
  });

  test('to an empty directory brings accounts and certificate back', async () => {
    await administer('backup', backup);
    const certificate = await readFile(join(server.directory, 'tls/certificate.pem'), 'utf8');
    await server.end('SIGTERM');
    const fresh = join(base, 'fresh place');
    const root = join(server.directory, 'files');
    const { code } = await ServerProcess.attempt(['restore', backup, '--data', fresh]);
    expect(code).toBe(0);
    server = await ServerProcess.start(fresh, '--root', root);
    await server.login('anna', PASSWORD);
    expect(await readFile(join(fresh, 'tls/certificate.pem'), 'utf8')).toBe(certificate);
    expect(lstatSync(join(fresh, 'tls/key.pem')).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['a changed file', () => appendFile(join(backup, 'myftp.db'), 'x'), /SHA-256 differs/],
    ['no key', () => rm(join(backup, 'tls/key.pem')), /tls\/key\.pem is missing or is not what/],
    [
      'no manifest',
      () => rm(join(backup, 'manifest.json')),
      /is not a backup, or one that was not/,
    ],
    [
      'a manifest that names files elsewhere',
      async () => {
        const file = join(backup, 'manifest.json');
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace('tls/key.pem', '../../etc/passwd'));
      },
      /is not the manifest of a backup that this version knows/,
    ],
  ])('of a backup with %s is refused, and changes nothing', async (_, damage, sentence) => {
    await administer('backup', backup);
    await server.signUp('bert', PASSWORD);
    await server.end('SIGTERM');
    await damage();
    const { code, stderr } = await administer('restore', backup, '--yes');
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(await usernames()).toEqual(['anna', 'bert']);
  });

  test('asks first where there is a database', async () => {
    await administer('backup', backup);
    await server.end('SIGTERM');
    const { code, stderr } = await administer('restore', backup);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Use --yes')]);
  });
});
