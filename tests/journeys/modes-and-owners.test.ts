import { readFileSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isInstalled, type RunningProgram, runWell, start } from '../clients/program.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';
/** The name says why it is skipped elsewhere. */
function asRoot(name: string, work: () => Promise<void>): void {
  (process.geteuid?.() === 0 ? test : test.skip)(`${name} (needs root)`, work);
}
const umask = process.umask();

/** Any number will do, and needs no entry in /etc/passwd. */
const USER = 12_345;
const AS_USER = ['--user', String(USER), '--group', String(USER)];

let server: ServerProcess;
let local: string;

/** Starts a server in a process whose umask lets only its user in. */
async function serve(...flags: readonly string[]): Promise<void> {
  const directory = await ServerProcess.makeDirectory();
  if (flags.includes('--user')) await chown(directory, USER, USER);
  process.umask(0o077);
  try {
    server = await ServerProcess.start(directory, '--signup', 'open', ...flags);
  } finally {
    process.umask(umask);
  }
}

/** `640 1000:1000` of everything below a home, by path. */
async function treeOf(username: string): Promise<Record<string, string>> {
  const paths = ['', ...(await readdir(server.home(username), { recursive: true }))];
  const facts = paths.sort().map(async (path) => {
    const { mode, uid, gid } = await stat(server.home(username, path));
    return [path, `${(mode & 0o7777).toString(8)} ${uid}:${gid}`] as const;
  });
  return Object.fromEntries(await Promise.all(facts));
}

beforeAll(async () => {
  local = await mkdtemp(join(tmpdir(), 'myftp-modes-'));
  await writeFile(join(local, 'a.txt'), 'octets');
});
afterEach(() => server.dispose());
afterAll(() => rm(local, { recursive: true }));

const url = (path: string) => `ftp://127.0.0.1:${server.port}/${path}`;
const curl = (...args: readonly string[]) =>
  runWell('curl', ['-sS', '-u', `anna:${PASSWORD}`, ...args], { cwd: local });
const lftp = (...commands: readonly string[]) => {
  const login = `open -u anna,"${PASSWORD}" -p ${server.port} 127.0.0.1`;
  const script = ['set ftp:ssl-allow no', 'set cmd:fail-exit yes', login, ...commands].join('\n');
  return runWell('lftp', ['--norc', '-c', script], { cwd: local });
};

const self = `${process.geteuid?.()}:${process.getegid?.()}`;

describe('a server that is started with umask 077', () => {
  const hasClients = isInstalled('curl') && isInstalled('lftp');
  (hasClients ? test : test.skip)(
    'and modes of its own: uploads of curl and lftp, their directories and homes have them (needs curl and lftp)',
    async () => {
      await serve('--file-mode', '0644', '--directory-mode', '2775');
      await (await server.signUp('anna', PASSWORD)).close();
      await curl('--ftp-create-dirs', '-T', 'a.txt', url('in/2026/a.txt'));
      await curl('-a', '-T', 'a.txt', url('in/2026/a.txt'));
      await lftp(
        'mkdir -p deep/deeper',
        'put a.txt -o deep/deeper/b.txt',
        'mv deep/deeper/b.txt c',
      );
      await lftp('chmod 600 c', 'put a.txt -o c');
      expect(await treeOf('anna')).toEqual({
        '': `2775 ${self}`,
        c: `600 ${self}`,
        deep: `2775 ${self}`,
        'deep/deeper': `2775 ${self}`,
        in: `2775 ${self}`,
        'in/2026': `2775 ${self}`,
        'in/2026/a.txt': `644 ${self}`,
      });
      expect((await stat(server.home('anna', 'in/2026/a.txt'))).size).toBe(12);
    },
  );

  test('and accounts with settings of their own: they apply from the next login on', async () => {
    await serve('--umask', '027');
    const add = ['user', 'add', 'anna', '--file-mode', '664', '--password-stdin'];
    expect((await server.administer(add, PASSWORD)).stderr).toBe('');
    const client = await server.login('anna', PASSWORD);
    await client.store('STOR before', 'x');
    const changed = await server.administer([
      ...['user', 'mode', 'anna', '--umask', '007', '--file-mode', 'default'],
    ]);
    expect(changed.stdout).toBe(
      'New files of anna: umask 007. It applies from the next login on; existing files stay.\n',
    );
    await client.store('STOR still', 'x');
    await (await server.login('anna', PASSWORD)).store('STOR after', 'x');
    expect(await treeOf('anna')).toEqual({
      '': `750 ${self}`,
      after: `660 ${self}`,
      before: `664 ${self}`,
      still: `664 ${self}`,
    });
    const listed = JSON.parse((await server.administer(['user', 'list', '--json'])).stdout);
    const modes = { umask: '007', fileMode: null, directoryMode: null, owner: null };
    expect(listed).toEqual([expect.objectContaining(modes)]);
  });
});

describe('owners (skipped where the tests do not run as root)', () => {
  asRoot('of the server are given to homes, uploads and directories', async () => {
    await serve('--owner', '4711:4712', '--umask', '022');
    const client = await server.signUp('anna', PASSWORD);
    await client.command('MKD d');
    await client.store('STOR d/a', 'octets');
    const expected = { '': '755 4711:4712', d: '755 4711:4712', 'd/a': '644 4711:4712' };
    expect(await treeOf('anna')).toEqual(expected);
  });

  asRoot('that the server may not set: uploads are refused, and its log says why', async () => {
    await serve(...AS_USER);
    await (await server.signUp('anna', PASSWORD)).close();
    await server.administer(['user', 'mode', 'anna', '--owner', '4711:4712']);
    const client = await server.login('anna', PASSWORD);
    const refusal =
      '550 The server may not give files to the owner that is set for this account; ask its administrator.';
    for (const line of ['STOR a', 'STOU']) {
      expect((await client.store(line, 'octets')).closing.lines).toEqual([refusal]);
    }
    expect((await client.command('MKD d')).lines).toEqual([refusal]);
    expect(Object.keys(await treeOf('anna'))).toEqual(['']);
    const log = () => readFileSync(join(server.directory, 'logs/server.log'), 'utf8');
    const line = /"level":"error".*"username":"anna","uid":4711,"gid":4712.*CAP_CHOWN/;
    await until(() => line.test(log()));
    await server.administer(['user', 'mode', 'anna', '--owner', '12345:12345']);
    const again = await server.login('anna', PASSWORD);
    expect((await again.store('STOR a', 'octets')).closing.code).toBe(226);
  });

  asRoot('that the server may not set: it does not start', async () => {
    await serve(...AS_USER);
    const data = join(server.directory, 'second');
    const flags = ['--data', data, '--port', '0', ...AS_USER, '--owner', '4711'];
    const { code, stderr } = await ServerProcess.attempt(flags);
    expect([code, stderr]).toEqual([
      78,
      'myftp-server: --owner 4711: the server may not give files to this user. Start it as root without --user, or with the capabilities CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER.\n',
    ]);
  });
});

const withInotify = isInstalled('inotifywait') ? test : test.skip;

describe('a program that watches a home (needs inotifywait)', () => {
  let watching: RunningProgram | undefined;

  afterEach(async () => {
    watching?.child.kill('SIGKILL');
    await watching?.ended;
  });

  withInotify('sees each upload arrive once, complete and with its mode', async () => {
    await serve('--file-mode', '640', '--directory-mode', '750');
    const client = await server.signUp('anna', PASSWORD);
    const seen: string[] = [];
    watching = start('inotifywait', ['-m', '-r', '--format', '%e %f', server.home('anna')]);
    watching.child.stdout.on('data', (text: string) => {
      for (const line of text.trim().split('\n'))
        if (!/OPEN|ACCESS|NOWRITE/.test(line)) seen.push(line);
    });
    await new Promise((ready) =>
      watching?.child.stderr.on('data', (text: string) => {
        if (text.includes('Watches established')) ready(undefined);
      }),
    );
    await client.command('MKD d');
    await until(() => seen.length === 1);
    await client.store('STOR a', 'octets');
    await client.store('STOR a', Buffer.alloc(3_000_000));
    await client.store('APPE b', 'octets');
    await client.store('APPE b', 'octets');
    await client.command('REST 3');
    await client.store('STOR b', 'more');
    const { closing } = await client.store('STOU', 'octets');
    const [, unique = ''] = /name is (\S+?)\.?$/.exec(closing.lines[0] ?? '') ?? [];
    await client.store('STOR d/c', 'octets');
    await until(() => seen.includes('MOVED_TO c'));
    const names = ['a', 'a', 'b', 'b', 'b', unique, 'c'];
    expect(seen).toEqual(['MOVED_TO,ISDIR d', ...names.map((name) => `MOVED_TO ${name}`)]);
  });
});
