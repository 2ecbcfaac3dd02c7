import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

const DAY_MS = 86_400_000;
const eightDaysLater = {
  settings: { recountEveryMs: 7 * DAY_MS, keepPartialsMs: 0 },
  now: () => Date.now() + 8 * DAY_MS,
};

describe('without a request, the server', () => {
  let server: TestServer;

  afterEach(() => server.dispose());

  const home = (name: string) => join(server.rootDir, 'anna', name);

  test('recounts an account whose last recount was longer ago than --recount-every', async () => {
    server = await TestServer.start();
    const { directory } = server;
    const client = await server.signUp();
    await client.store('STOR a', Buffer.alloc(1000));
    await server.stop();
    await writeFile(home('from-outside'), Buffer.alloc(500));

    server = await TestServer.start({ directory, ...eightDaysLater });
    await untilUsed(await server.login(), 1500);
  });

  test('recounts an account that got back more than it was charged for', async () => {
    server = await TestServer.start({ settings: { recountEveryMs: 0 } });
    const client = await server.signUp();
    await client.store('STOR a', Buffer.alloc(1000));
    await writeFile(home('from-outside'), Buffer.alloc(5000));
    expect((await client.command('DELE from-outside')).code).toBe(250);
    await untilUsed(client, 1000);
  });

  test('counts a partial upload once', async () => {
    server = await TestServer.start();
    const { directory } = server;
    const client = await server.signUp();
    await cutUpload(client, 'STOR a', Buffer.alloc(3_000_000));
    await server.stop();
    await writeFile(home('from-outside'), Buffer.alloc(500));

    server = await TestServer.start({ directory, ...eightDaysLater });
    await untilUsed(await server.login(), 3_000_500);
  });
});

async function untilUsed(client: ControlClient, usedBytes: number): Promise<void> {
  let line: string | undefined;
  do [line] = (await client.command('SITE QUOTA')).lines;
  while (!line?.startsWith(`200 ${usedBytes} of `));
}
