import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../testing/test-server.ts';
import { lockCheck } from './lock-check.ts';
import { examine } from './testing/examine.ts';

let server: TestServer;
let elsewhere: string;

beforeEach(async () => {
  server = await TestServer.start();
  elsewhere = mkdtempSync(path.join(tmpdir(), 'myftp-lock-check-'));
});

afterEach(async () => {
  await server.dispose();
  rmSync(elsewhere, { recursive: true, force: true });
});

function verdicts(flags: Readonly<Record<string, string>>) {
  return examine(lockCheck, { flags });
}

test('the server that runs is named', async () => {
  expect(await verdicts({ data: server.directory })).toEqual([
    {
      level: 'ok',
      text: expect.stringMatching(`^In use by myftp-server .* \\(pid ${process.pid} `),
    },
  ]);
});

test('a directory that no server uses is free', async () => {
  expect(await verdicts({ data: path.join(elsewhere, 'new') })).toMatchObject([
    { level: 'ok', text: 'No server uses the data directory.' },
  ]);
});

test('a root that is the root of another server is a problem', async () => {
  expect(await verdicts({ data: elsewhere, root: server.rootDir })).toMatchObject([
    { level: 'problem', text: expect.stringContaining(`with --data ${server.directory}`) },
  ]);
});

test('so is another root than that of the server that runs', async () => {
  expect(await verdicts({ data: server.directory, root: elsewhere })).toMatchObject([
    { level: 'problem', text: expect.stringContaining(`with --root ${server.rootDir}, not with`) },
  ]);
});
