import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { acquireLock } from '../start/data-lock.ts';
import { lockCheck, lockingServer } from './lock-check.ts';
import { examine } from './testing/examine.ts';

let directory: string;
let release: () => void;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-lock-'));
  mkdirSync(join(directory, 'data'));
  mkdirSync(join(directory, 'root'));
  release = () => {};
});

afterEach(() => {
  release();
  rmSync(directory, { recursive: true, force: true });
});

const place = (name: string) => join(directory, name);

async function own(dataDir: string, rootDir: string, kind: 'server' | 'command' = 'server') {
  const holder = { kind, version: '9.9.9', dataDir, rootDir };
  const staging = join(rootDir, STAGING_DIRECTORY);
  mkdirSync(staging, { recursive: true });
  const dataLock = await acquireLock({ directory: dataDir, setting: '--data', holder });
  const stagingLock = await acquireLock({ directory: staging, setting: '--root', holder });
  release = () => {
    stagingLock.release();
    dataLock.release();
  };
}

const check = () => examine(lockCheck, { flags: { data: place('data'), root: place('root') } });

test('directories that no process uses are fine', async () => {
  expect(await check()).toEqual([
    { level: 'ok', text: 'No server or command of MyFTP uses these directories now.' },
  ]);
  expect(await lockingServer(place('data'))).toBeUndefined();
});

test('the process that uses them is described', async () => {
  await own(place('data'), place('root'));
  const [verdict] = await check();
  expect(verdict).toMatchObject({ level: 'ok' });
  expect(verdict?.text).toContain(`in use by myftp-server 9.9.9 (pid ${process.pid} on `);
  expect(await lockingServer(place('data'))).toBe(process.pid);
});

test('an administrative command is no server', async () => {
  await own(place('data'), place('root'), 'command');
  expect(await lockingServer(place('data'))).toBeUndefined();
});

describe('another server', () => {
  test('over the same root is a problem', async () => {
    mkdirSync(place('other'));
    await own(place('other'), place('root'));
    const [verdict] = await check();
    expect(verdict).toMatchObject({ level: 'problem' });
    expect(verdict?.text).toContain(`with --data ${place('other')}.`);
  });

  test('with another root is a warning', async () => {
    await own(place('data'), place('elsewhere'));
    const [verdict] = await check();
    expect(verdict).toMatchObject({ level: 'warning' });
    expect(verdict?.text).toContain(`with --root ${place('elsewhere')}, not ${place('root')}.`);
  });
});
