import { statfs } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';
import { UNLIMITED } from './unlimited.ts';

let server: TestServer;
let client: ControlClient;

beforeAll(async () => {
  server = await TestServer.start({ settings: { quotaBytes: UNLIMITED } });
  client = await server.signUp();
});
afterAll(() => server.dispose());

test('an account without a limit is told what it uses, and what the disk has left', async () => {
  const { closing } = await client.store('STOR a.bin', Buffer.alloc(3_000_000));
  expect(closing.code).toBe(226);
  expect((await client.command('SITE QUOTA')).lines).toEqual([
    '200 3000000 bytes used (2.9 MiB), quota unlimited; 1 file or directory.',
  ]);
  const { bavail, bsize } = await statfs(server.rootDir);
  const { lines } = await client.command('AVBL');
  const freeBytes = Number(/^213 (\d+)$/.exec(lines[0] ?? '')?.[1]);
  // Others use the disk, too.
  expect(Math.abs(freeBytes - bavail * bsize)).toBeLessThan(0.2 * bavail * bsize);
});

test('a limit that is set later counts what was uploaded before', async () => {
  await server.setQuota('anna', 3_000_100);
  expect((await client.store('STOR b.bin', Buffer.alloc(200))).closing.code).toBe(552);
  await server.setQuota('anna', UNLIMITED);
  expect((await client.store('STOR b.bin', Buffer.alloc(200))).closing.code).toBe(226);
});
