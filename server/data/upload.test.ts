import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestServer } from '../testing/test-server.ts';

describe('an upload that cannot be put in place', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await TestServer.start();
  });
  afterEach(() => server.dispose());

  test('answers why and is kept to be resumed', async () => {
    const client = await server.signUp();
    const other = await server.login();
    const data = await client.openData();
    expect((await client.command('STOR a')).code).toBe(150);
    // The name becomes that of a directory while octets are on their way.
    expect((await other.command('MKD a')).code).toBe(257);
    data.resume().end('octets');
    expect((await client.reply()).code).toBe(550);
    expect((await client.command('SITE QUOTA')).lines[0]).toMatch(/^200 6 of /);
    const staging = join(server.rootDir, '.myftp-staging', '1');
    expect(await readdir(staging)).toHaveLength(1);
  });
});
