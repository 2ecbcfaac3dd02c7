import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSettings } from '../config/read-settings.ts';
import { openLogs } from '../logging/logging.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;
let file: string;

beforeAll(async () => {
  const directory = await TestServer.newDirectory();
  file = join(directory, 'myftp.toml');
  const logs = openLogs({ dir: join(directory, 'logs'), level: 'info', terminal: undefined });
  const rereadSettings = () =>
    readSettings({ flags: { data: directory, config: file }, environment: {}, cwd: directory })
      .settings;
  await writeFile(file, `${BASE}${OPEN}`);
  server = await TestServer.start({ directory, logs, settings: rereadSettings(), rereadSettings });
});
afterAll(() => server.dispose());

const OPEN = 'signup = "open"\n';
const BASE = 'port = 0\nrecount-every = "off"\n';

async function reload(settings: string, signup = OPEN) {
  await writeFile(file, `${BASE}${signup}${settings}`);
  const { code, stdout, stderr } = await runCommand([
    ...['reload', '--data', server.settings.dataDir],
  ]);
  return { code, stdout, stderr: stderr.replaceAll(file, 'myftp.toml') };
}

async function logged(message: string): Promise<void> {
  const log = join(server.settings.dataDir, 'logs/server.log');
  while (!(await readFile(log, 'utf8')).includes(message));
}

const greeting = async (from: string) => {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: from });
  socket.once('data', () => socket.end());
  return text(socket);
};

test('limits and lists are in force, and what needs a restart is named in the reply and the log', async () => {
  const anna = await server.signUp();
  expect(
    await reload('max-per-user = 1\ndeny-from = ["127.0.0.9"]\npasv-range = "50000-50100"\n'),
  ).toEqual({
    code: 0,
    stdout:
      'In force: max-per-user, deny-from.\nNeeds a restart: pasv-range.\nThe certificate was read again.\n',
    stderr: '',
  });
  expect(await greeting('127.0.0.9')).toBe('421 Your address is not allowed.\r\n');
  const second = await server.connect();
  await second.command('USER anna');
  expect((await second.command('PASS correct horse')).code).toBe(530);
  await logged('"needRestart":["pasv-range"]');
  expect((await anna.command('NOOP')).code).toBe(200);
  expect((await reload('')).stdout).toMatch(/^In force: max-per-user, deny-from\./);
});

test('the time for deleted files is in force for sessions that run', async () => {
  const client = await server.login();
  const deleteFile = async () => {
    await client.store('STOR a', 'octets');
    expect((await client.command('DELE a')).code).toBe(250);
    return (await client.command('SITE TRASH')).lines.length;
  };
  const empty = await deleteFile();
  expect((await reload('keep-deleted = "1h"\n')).stdout).toMatch(/^In force: keep-deleted\./);
  expect(await deleteFile()).toBeGreaterThan(empty);
  await client.command('SITE TRASH EMPTY');
  await reload('');
  expect(await deleteFile()).toBe(empty);
});

test('modes are in force for sessions that log in afterwards, and for new homes', async () => {
  const before = await server.login();
  await reload('umask = "027"\ndirectory-mode = "711"\n');
  const after = await server.login();
  for (const [client, name] of [
    [before, 'old'],
    [after, 'new'],
  ] as const) {
    await client.store(`STOR ${name}`, 'octets');
    await client.command(`MKD ${name}-d`);
  }
  await server.signUp('otto');
  const modeOf = async (path: string) =>
    ((await stat(join(server.rootDir, path))).mode & 0o777).toString(8);
  expect(await modeOf('anna/new')).toBe('640');
  expect(await modeOf('anna/new-d')).toBe('711');
  expect(await modeOf('otto')).toBe('711');
  expect(await modeOf('anna/old')).not.toBe('640');
  await reload('file-mode = "600"\n');
  await (await server.login()).store('STOR last', 'octets');
  expect(await modeOf('anna/last')).toBe('600');
  expect((await reload('umask = "999"\n')).stderr).toContain('umask: ');
});

test('a list that denies ends sessions', async () => {
  const client = await server.connect();
  await reload('deny-from = "127.0.0.1"\n');
  expect((await client.reply()).lines).toEqual(['421 Your address is not allowed.']);
  await reload('');
});

test('the log level changes', async () => {
  await reload('log-level = "debug"\n');
  await (await server.connect()).command('NOOP');
  await logged('"command":"NOOP"');
  await reload('');
});

test('a bad file changes nothing, and the reply has setting and line', async () => {
  const before = server.fingerprint256;
  expect(await reload('max-per-user = 1\nmax-sessions = "many"\nbane-after = 3\n')).toEqual({
    code: 1,
    stdout: '',
    stderr: `myftp-server: not all was reloaded:
myftp.toml: line 6: bane-after: there is no such setting. Did you mean ban-after?
myftp.toml: line 5: max-sessions: "many" is not a number of sessions. Write a whole number from 1 to 1000000, such as 1000.
`,
  });
  const clients = await Promise.all([server.login(), server.login()]);
  for (const client of clients) await client.command('QUIT');
  expect(server.fingerprint256).toBe(before);
  await logged('settings not reloaded; nothing was changed');
  expect((await reload('port =')).stderr).toMatch(/myftp\.toml: line 4, column \d+: /);
});

test('a certificate that cannot be used is told, and the settings apply', async () => {
  const key = join(server.settings.dataDir, 'tls/key.pem');
  await copyFile(key, `${key}.kept`);
  await writeFile(key, 'no key');
  const { code, stdout, stderr } = await reload('max-per-ip = 50\n');
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'In force: max-per-ip.\n' });
  expect(stderr).toContain('key.pem');
  await copyFile(`${key}.kept`, key);
  expect((await reload('')).stdout).toContain('The certificate was read again.');
});

test('a password check is in force at once, unless its program is missing', async () => {
  const file = join(server.settings.dataDir, 'check');
  await writeFile(file, '#!/bin/sh\necho \'{"ok":true}\'\n', { mode: 0o755 });
  const ben = await server.connect();
  const login = async () => {
    await ben.command('USER ben');
    return (await ben.command('PASS of another system')).code;
  };
  expect(await login()).toBe(530);
  const off = 'signup = "off"\n';
  expect(await reload(`password-check = "${file}-none"\n`, off)).toEqual({
    code: 1,
    stdout: '',
    stderr: `myftp-server: not all was reloaded:\n--password-check: there is no such file or directory. The program is ${file}-none.\n`,
  });
  expect(await login()).toBe(530);
  expect((await reload(`password-check = "${file}"\n`, off)).stdout).toMatch(
    /^In force: signup, password-check\./,
  );
  expect(await login()).toBe(230);
  await reload('');
});

test('a server does not start with a check that cannot be run', async () => {
  const passwordCheck = { kind: 'program', file: '/nowhere/check' } as const;
  const directory = await TestServer.newDirectory();
  await expect(TestServer.start({ directory, settings: { passwordCheck } })).rejects.toThrow(
    '--password-check: there is no such file or directory. The program is /nowhere/check.',
  );
  await rm(directory, { recursive: true });
});
