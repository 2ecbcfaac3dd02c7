import { execFileSync } from 'node:child_process';
import { chownSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freeRange } from '../../server/testing/free-range.ts';
import { ServerProcess, until } from './server-process.ts';

const isRoot = process.geteuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
/** Any number will do, and needs no entry in /etc/passwd. */
const UID = 12_345;

let base: string;
let data: string;
let server: ServerProcess | undefined;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-user-'));
  await chmod(base, 0o755);
  data = join(base, 'data of all');
});

afterEach(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  await rm(base, { recursive: true, force: true });
});

function ownersIn(directory: string): string[] {
  const paths = execFileSync('find', [directory, '-printf', '%U %P\n'], { encoding: 'utf8' });
  return paths.trim().split('\n');
}

describe('--user (skipped where the tests do not run as root)', () => {
  asRoot('a port below 1024 is bound, and everything else belongs to the user', async () => {
    const port = String((await freeRange(1)).first);
    server = await ServerProcess.start(
      data,
      ...['--user', String(UID), '--group', String(UID), '--port', await freeLowPort(port)],
    );
    const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:(\t${UID}){4}$`, 'm'));
    expect(status).toMatch(new RegExp(`^Gid:(\t${UID}){4}$`, 'm'));
    expect(status).toMatch(new RegExp(`^Groups:\t${UID} $`, 'm'));
    for (const thread of execFileSync('ls', [`/proc/${server.child.pid}/task`], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')) {
      const ofThread = readFileSync(`/proc/${server.child.pid}/task/${thread}/status`, 'utf8');
      expect(ofThread).toMatch(new RegExp(`^Uid:(\t${UID}){4}$`, 'm'));
    }

    const client = await server.signUp('anna', 'correct horse');
    await client.store('STOR a.bin', '12345');
    expect(lstatSync(join(data, 'files/anna/a.bin')).uid).toBe(UID);
    const log = join(data, 'logs/server.log');
    renameSync(log, `${log}.1`);
    server.child.kill('SIGUSR1');
    await until(() => readSize(log) > 0);
    expect(ownersIn(data).filter((line) => !line.startsWith(`${UID} `))).toEqual([]);

    expect((await server.end('SIGTERM')).code).toBe(0);
    // Whoever it is, the user can start it again on what is there.
    server = await ServerProcess.start(data, '--user', String(UID), '--group', String(UID));
  });

  asRoot('a directory of another user is refused with the command that mends it', async () => {
    mkdirSync(data);
    writeFileSync(join(data, 'myftp.db'), '');
    const { code, stderr } = await ServerProcess.attempt(
      ...[['--data', data, '--port', '0', '--user', String(UID), '--group', '99']],
    );
    expect([code, stderr]).toEqual([
      78,
      `myftp-server: --data ${data}: the user ${UID} may not write there. Give it the directory: chown -R ${UID}:99 '${data}'\n`,
    ]);
    expect(readFileSync(join(data, 'myftp.db'))).toHaveLength(0);
  });

  asRoot('a user that does not exist is refused, and no directory is made', async () => {
    const { code, stderr } = await ServerProcess.attempt([
      '--data',
      data,
      ...['--port', '0', '--user', 'no-such-user'],
    ]);
    expect([code, stderr]).toEqual([
      78,
      'myftp-server: --user no-such-user: there is no such user. Make it (useradd --system --shell /usr/sbin/nologin no-such-user), or name another one.\n',
    ]);
    expect(ownersIn(base)).toHaveLength(1);
  });
});

describe('root (skipped where the tests do not run as root)', () => {
  asRoot('is warned, on standard error and in the log', async () => {
    server = await ServerProcess.start(data);
    const { stderr } = await server.end('SIGTERM');
    expect(stderr).toMatch(/WARN: running as root: .*--user/);
    expect(readFileSync(join(data, 'logs/server.log'), 'utf8')).toContain('running as root');
  });

  asRoot('makes files in the directory of another user for that user', async () => {
    mkdirSync(data);
    chownSync(data, UID, UID);
    const { code } = await ServerProcess.attempt([
      ...['user', 'add', 'anna', '--password-stdin', '--data', data],
    ]);
    expect(code).not.toBe(0);
    execFileSync(
      process.execPath,
      [...ServerProcess.program, 'user', 'add', 'anna', '--password-stdin', '--data', data],
      { input: 'correct horse', env: ServerProcess.environment },
    );
    expect(ownersIn(data).filter((line) => !line.startsWith(`${UID} `))).toEqual([]);
  });
});

/** A port that only root can bind and that nobody listens on. */
async function freeLowPort(fallback: string): Promise<string> {
  const unprivileged = Number(
    readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'),
  );
  return unprivileged > 1000 ? String(900 + (process.pid % 90)) : fallback;
}

function readSize(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
