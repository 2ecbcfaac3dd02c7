import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload } from '../testing/cut-upload.ts';
import { stagedFiles } from '../testing/staged-files.ts';
import { TestServer } from '../testing/test-server.ts';

describe('an upload that another session of the account gets in the way of', () => {
  let server: TestServer;
  let client: ControlClient;
  let other: ControlClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    other = await server.login();
  });
  afterEach(() => server.dispose());

  const staged = () => stagedFiles(join(server.rootDir, '.myftp-staging', '1'));
  const usage = async () => (await client.command('SITE QUOTA')).lines[0];

  test('whose name became that of a directory answers why and is kept', async () => {
    const data = await client.openData();
    expect((await client.command('STOR a')).code).toBe(150);
    expect((await other.command('MKD a')).code).toBe(257);
    data.resume().end('octets');
    // Not 451, as when its descriptor is closed twice.
    expect((await client.reply()).code).toBe(550);
    expect(await usage()).toMatch(/^200 6 of /);
    expect(await staged()).toHaveLength(1);
  });

  test.each([10, 3_000_000])(
    'whose account is removed leaves nothing of its %i octets in the staging area',
    async (sizeBytes) => {
      await beginUpload(client, 'STOR a', Buffer.alloc(sizeBytes));
      expect(await staged()).toHaveLength(1);
      await server.withDatabase(async ({ accounts }) => {
        const account = await accounts.findByUsername('anna');
        await accounts.remove(account?.id ?? -1, 0);
      });
      // Without its account, the upload has no quota either, if it gets there first.
      expect([421, 552]).toContain((await client.reply()).code);
      while ((await staged()).length > 0) await other.replyOrEnd();
    },
  );

  test('that carries on a partial keeps it when another upload of its name fails', async () => {
    await leavePartial(client, 'first, ');
    const data = await client.openData();
    expect((await client.command('APPE a')).code).toBe(150);
    await leavePartial(other, 'something else');
    data.resume().end('second');
    expect((await client.reply()).code).toBe(226);
    expect(await readFile(join(server.rootDir, 'anna', 'a'), 'utf8')).toBe('first, second');
    expect(await usage()).toMatch(/^200 27 of /);
    expect((await client.command('SITE PARTIALS')).lines[1]).toMatch(
      /size=14;.*;X\.id=[^;]+; \/a$/,
    );
    expect(await staged()).toHaveLength(1);
  });
});

/** Sends a part of the file `a`, and aborts once the server has it. */
async function leavePartial(client: ControlClient, octets: string): Promise<void> {
  const data = await client.openData();
  expect((await client.command('STOR a')).code).toBe(150);
  data.write(octets);
  let status = '';
  while (!status.includes(`${octets.length} bytes`)) {
    status = (await client.command('STAT')).lines.join();
  }
  client.send('ABOR\r\n');
  expect((await client.reply()).code).toBe(426);
  expect((await client.reply()).code).toBe(226);
}
