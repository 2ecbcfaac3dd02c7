import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isForeignHash } from '../../accounts/password-hash.ts';
import { runCommand } from '../../testing/run-command.ts';
import { TestServer } from '../../testing/test-server.ts';

/** Of "correct horse". */
const HASHES = {
  'argon2id of pure-pw':
    '$argon2id$v=19$m=8192,t=255,p=1$aRGyoF5f8ePfw7ViBvILBQ$x/CiLdMb7Ut2/0yxbfLG55imkOsiMJhqwGDCV4i8TKo',
  bcrypt: '$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2',
  'SHA-512':
    '$6$abc$dv7vAygfDghQeO8lNAuLv4y4HAQXw9d6a14dcjFGfTijFc0S6MgzM7g53hZv6MaGDXhNpGxhpXakWuTlqHtzn.',
  'SHA-256': '$5$abc$HEtZB/1K6XJ99xRK14R.qL6AxT3f9/cPAGbTKZddAT6',
  yescrypt: '$y$j9T$abcd$0fZg56/9VgSNWSwLBQnCP2pGaF27eIWq1B3EKVd8RG0',
} as const;

let directory: string;
let server: TestServer;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-import-'));
  server = await TestServer.start();
});
afterEach(async () => {
  await server.dispose();
  await rm(directory, { recursive: true });
});

function run(args: readonly string[]) {
  return runCommand([...args, '--data', server.settings.dataDir], { cwd: directory });
}

async function fileOf(lines: readonly string[]): Promise<string> {
  const file = join(directory, 'accounts');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

function account(username: string) {
  return server.withDatabase(({ accounts }) => accounts.findByUsername(username));
}

/** The 18 fields of pure-pw, with limits of files and bytes. */
function purePwLine(name: string, hash: string, [files, bytes] = ['', '']): string {
  return `${name}:${hash}:1001:1001::/srv/${name}/./::::::${files}:${bytes}:::::`;
}

test.each(Object.entries(HASHES))('a password kept as %s still lets in', async (_, hash) => {
  const file = await fileOf([`anna:${hash}`]);
  expect(await run(['import', 'htpasswd', file])).toEqual({
    code: 0,
    stdout: 'Imported 1 account.\n',
    stderr: '',
  });
  await expect(server.login('anna', 'wrong horse')).rejects.toThrow('530');
  expect((await account('anna'))?.passwordHash).toBe(hash);
  await server.login('anna');
  expect(isForeignHash((await account('anna'))?.passwordHash ?? '')).toBe(false);
  await server.login('anna');
});

test('pure-pw: limits of bytes and files come along', async () => {
  const hash = HASHES['SHA-512'];
  const file = await fileOf([
    '# made by pure-pw',
    purePwLine('anna', hash, ['500', '10485760']),
    purePwLine('otto', hash),
  ]);
  expect((await run(['import', 'pure-pw', file])).code).toBe(0);
  expect(await account('anna')).toMatchObject({ limitBytes: 10_485_760, limitEntries: 500 });
  expect(await account('otto')).toMatchObject({ limitBytes: 1024 ** 3, limitEntries: 1_000_000 });
});

test('sftpgo: limits come along, and who is disabled stays so', async () => {
  const users = [
    { username: 'anna', password: HASHES.bcrypt, quota_size: 5000, quota_files: 7, status: 1 },
    { username: 'otto', password: HASHES.bcrypt, quota_size: 0, quota_files: 0, status: 0 },
    { username: 'key-only' },
  ];
  const file = await fileOf([JSON.stringify({ users, version: 15 }, undefined, 1)]);
  expect((await run(['import', 'sftpgo', file])).stdout).toBe(
    'Imported 3 accounts.\n  key-only: has no password (set one: myftp-server user passwd key-only).\n',
  );
  expect(await account('anna')).toMatchObject({ limitBytes: 5000, limitEntries: 7 });
  expect(await account('otto')).toMatchObject({ enabled: false });
  await expect(server.login('otto')).rejects.toThrow('530');
});

test('a dry run changes nothing', async () => {
  const file = await fileOf([`anna:${HASHES.bcrypt}`]);
  expect((await run(['import', 'htpasswd', file, '--dry-run'])).stdout).toBe(
    'Would import 1 account.\n',
  );
  expect(await account('anna')).toBeUndefined();
  expect(await readdir(server.rootDir)).not.toContain('anna');
});

test('a home that exists needs --adopt, and is charged for', async () => {
  await mkdir(join(server.rootDir, 'anna'));
  await writeFile(join(server.rootDir, 'anna/a.txt'), 'hello');
  const file = await fileOf([`anna:${HASHES.bcrypt}`]);
  expect((await run(['import', 'htpasswd', file])).stderr).toContain(
    `line 1: "anna": ${join(server.rootDir, 'anna')} already exists. Add --adopt`,
  );
  expect((await run(['import', 'htpasswd', file, '--adopt', '--json'])).stdout).toBe(
    '{\n  "imported": [\n    "anna"\n  ],\n  "names": [\n    "anna"\n  ],\n  "incomplete": []\n}\n',
  );
  expect(await account('anna')).toMatchObject({ usedBytes: 5, usedEntries: 1 });
});

describe('a file with a bad line imports nothing', () => {
  const good = `anna:${HASHES.bcrypt}`;

  test.each([
    ['htpasswd', ['otto'], 'line 2: A line of htpasswd is name:hash.'],
    ['htpasswd', ['otto:plain'], 'line 2: "otto": its password is stored in a form'],
    ['htpasswd', ['otto:$apr1$abc$x'], 'line 2: "otto": its password is stored in a form'],
    ['htpasswd', ['otto:'], 'line 2: "otto": its password is stored in a form'],
    ['htpasswd', [`../up:${HASHES.bcrypt}`], 'line 2: "../up": A username has'],
    ['htpasswd', [`ANNA:${HASHES.bcrypt}`], 'line 2: "ANNA" stands in line 1 already.'],
    ['htpasswd', [`berta:${HASHES.bcrypt}`], 'line 2: There is an account "berta" already.'],
    ['htpasswd', [`file:${HASHES.bcrypt}`], '/file is not a directory.'],
    ['pure-pw', [], 'line 1: A line of pure-pw has 18 fields.'],
    ['sftpgo', [], 'line 1: This is no JSON.'],
    ['filezilla', [], 'line 1: This is no XML'],
    ['json', [], 'line 1: This is no JSON.'],
    ['csv', [], 'line 1: There is no field "anna:'],
  ])('%s %j', async (format, more, message) => {
    await server.signUp('berta', 'correct horse');
    await writeFile(join(server.rootDir, 'file'), '');
    const file = await fileOf([good, ...more]);
    const outcome = await run(['import', format, file]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(await account('anna')).toBeUndefined();
  });

  test('pure-pw: a limit that is no number', async () => {
    const file = await fileOf([purePwLine('anna', HASHES.bcrypt, ['many', ''])]);
    expect((await run(['import', 'pure-pw', file])).stderr).toContain(
      'line 1: "many" is not a number.',
    );
  });

  test('sftpgo: another structure', async () => {
    const file = await fileOf([JSON.stringify({ users: [{ username: 'anna', quota_size: -1 }] })]);
    expect((await run(['import', 'sftpgo', file])).stderr).toContain(
      'users.0.quota_size is not what',
    );
  });
});

test('a format or a file that does not exist is told', async () => {
  expect(await run(['import', 'passwd', 'x'])).toMatchObject({ code: 2 });
  expect((await run(['import', 'htpasswd', 'missing'])).stderr).toContain(
    'missing cannot be read (ENOENT)',
  );
});
