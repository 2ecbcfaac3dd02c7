import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand } from '../../server/testing/run-command.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { describeClient, isInstalled, type Outcome, run, succeeds } from './program.ts';

/** A directory with one person, and which can be down; takes the arguments of the guide's program. */
const LDAPWHOAMI = `#!/bin/sh
cd "$(dirname "$0")"
test -e down && exit 255
while test $# -gt 0; do
  case $1 in -D) name=$2 ;; -y) password=$(cat "$2") ;; esac
  shift
done
test "$name" = "uid=anna,ou=people,dc=example,dc=org" && test "$password" = "correct horse" || exit 49
`;

const hasPrograms = ['curl', 'lftp'].every(isInstalled) && succeeds('python3', ['--version']);

describeClient('curl and lftp with the password check of the guide', hasPrograms, () => {
  const { PATH } = process.env;
  let directory: string;
  let server: TestServer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-ldap-'));
    process.env.PATH = `${directory}:${PATH}`;
    const file = join(directory, 'check-password');
    await writeFile(join(directory, 'ldapwhoami'), LDAPWHOAMI, { mode: 0o755 });
    await writeFile(file, await programOfGuide(), { mode: 0o755 });
    const passwordCheck = { kind: 'program', file } as const;
    // Python itself may take a while to start.
    const settings = { passwordCheck, passwordCheckTimeoutMs: 30_000, passwordCheckRememberMs: 0 };
    server = await TestServer.start({ settings });
  });
  afterAll(async () => {
    process.env.PATH = PATH;
    await server.dispose();
    await rm(directory, { recursive: true });
  });

  function curl(user: string, ...args: string[]): Promise<Outcome> {
    const url = `ftp://127.0.0.1:${server.port}/a.txt`;
    return run('curl', ['-q', '-sS', '--max-time', '60', '-u', user, ...args, url]);
  }

  test('the right password uploads and downloads; another does not log in', async () => {
    await writeFile(join(directory, 'a.txt'), 'text');
    expect(await curl('anna:correct horse', '-T', join(directory, 'a.txt'))).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(server.rootDir, 'anna/a.txt'), 'utf8')).toBe('text');
    expect(await curl('anna:wrong')).toMatchObject({ code: 67 });
    expect(await curl('bert:correct horse')).toMatchObject({ code: 67 });
    await mkdir(join(directory, 'down'));
    // To curl, 421 is a failure that passes, which --retry tries again.
    expect(await curl('anna:correct horse')).toMatchObject({ code: 28 });
    await rm(join(directory, 'down'), { recursive: true });
  });

  test('lftp takes a directory that is down for a server to come back to', async () => {
    await mkdir(join(directory, 'down'));
    const open = `open -u anna,'correct horse' -p ${server.port} 127.0.0.1`;
    const retry = 'set net:max-retries 20; set net:reconnect-interval-base 1; set ftp:ssl-allow no';
    const listing = run('lftp', ['--norc', '-c', `${retry}; ${open}; cls`]);
    while ((await failedLogins()) === 0);
    await rm(join(directory, 'down'), { recursive: true });
    expect(await listing).toMatchObject({ code: 0, stdout: 'a.txt\n' });
  });

  async function failedLogins(): Promise<number> {
    const events = ['audit', '--outcome', 'failed', '--kind', 'logins', '--json'];
    const { stdout } = await runCommand([...events, '--data', server.settings.dataDir]);
    return stdout.split('Passwords cannot be checked now').length - 2;
  }
});

/** The program that docs/operations.md shows. */
async function programOfGuide(): Promise<string> {
  const guide = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [lines = ''] = /^ {4}#!\/usr\/bin\/python3\n(?: {4}.*\n|\n)+/m.exec(guide) ?? [];
  return lines.replace(/^ {4}/gm, '').replace('#!/usr/bin/python3', '#!/usr/bin/env python3');
}
