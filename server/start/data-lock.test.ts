import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { acquireLock, DirectoryInUseError, inspectLock } from './data-lock.ts';

let directory: string;
let children: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'myftp-lock-'));
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map(kill));
  rmSync(directory, { recursive: true, force: true });
});

const holder = { kind: 'server', version: '0.9.0', dataDir: '/d', rootDir: '/r' } as const;

function acquire(where = directory) {
  return acquireLock({ directory: where, setting: `--data ${where}`, holder, waitMs: 0 });
}

async function lockedByAnotherProcess(kind = 'server'): Promise<ChildProcess> {
  const program = new URL('testing/lock-process.ts', import.meta.url).pathname;
  const child = spawn('node', [program, directory, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function refusal(promise: Promise<unknown>): Promise<DirectoryInUseError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DirectoryInUseError)) throw new Error(`no refusal but ${String(error)}`);
  return error;
}

test('a directory has one owner in this process, whatever it is called', async () => {
  const lock = await acquire();
  const link = `${directory}-link`;
  symlinkSync(directory, link);
  try {
    for (const where of [directory, link]) {
      const { holder: other, exitCode } = await refusal(acquire(where));
      expect(exitCode).toBe(75);
      expect(other).toMatchObject({ ...holder, pid: process.pid, host: hostname() });
    }
  } finally {
    rmSync(link);
  }
  lock.release();
  (await acquire()).release();
});

test('who has it is told: the program, its pid, its machine and since when', async () => {
  const { pid } = await lockedByAnotherProcess();
  const { message } = await refusal(acquire());
  expect(message).toMatch(
    new RegExp(
      `^--data ${directory}: in use by myftp-server 1\\.2\\.3 \\(pid ${pid} on ${hostname()}\\), running since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\. Stop that process first, or choose another directory\\.$`,
    ),
  );
});

test('a process that is killed has it no longer, and what it left is not believed', async () => {
  const child = await lockedByAnotherProcess();
  await kill(child);
  expect(readdirSync(directory)).toContain('server.lock.json');
  expect(await inspectLock(directory)).toEqual({ isHeld: false });
  const lock = await acquire();
  expect(await inspectLock(directory)).toMatchObject({ holder: { pid: process.pid } });
  lock.release();
});

test('a look says who has it, and lets nobody in', async () => {
  expect(await inspectLock(directory)).toEqual({ isHeld: false });
  const { pid } = await lockedByAnotherProcess();
  expect(await inspectLock(directory)).toMatchObject({
    isHeld: true,
    holder: { kind: 'server', pid, version: '1.2.3', dataDir: directory, rootDir: directory },
  });
  await refusal(acquire());
});

test('a look within the process that has it does not end the lock for others', async () => {
  const lock = await acquire();
  await inspectLock(directory);
  await refusal(acquire());
  const program = new URL('testing/lock-process.ts', import.meta.url).pathname;
  const child = spawn('node', [program, directory], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  const [text] = await once(child.stderr, 'data');
  expect(String(text)).toContain(`pid ${process.pid}`);
  lock.release();
});

test('a damaged description costs nothing but the name', async () => {
  const lock = await acquire();
  writeFileSync(path.join(directory, 'server.lock.json'), '{"kind":');
  const { message } = await refusal(acquire());
  expect(message).toContain('in use by another process of MyFTP.');
  lock.release();
});

test('a command that has it for a moment is waited for', async () => {
  const child = await lockedByAnotherProcess('command');
  const waiting = acquire();
  await Promise.race([waiting, delay(100)]);
  await kill(child);
  (await waiting).release();
});

test('releasing twice does not take the description from the next holder', async () => {
  const first = await acquire();
  first.release();
  const second = await acquire();
  first.release();
  const text = readFileSync(path.join(directory, 'server.lock.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ pid: process.pid });
  second.release();
  expect(readdirSync(directory)).toEqual(['server.lock']);
});

test('a directory without rights is a sentence for the operator', async () => {
  await expect(acquire('/proc/self')).rejects.toThrow(/^--data \/proc\/self: .*\.$/);
});
