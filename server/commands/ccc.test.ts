import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../testing/test-server.ts';

describe('CCC', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
  });
  afterAll(() => server.dispose());

  test('in clear is 533', async () => {
    expect((await (await server.connect()).command('CCC')).code).toBe(533);
  });

  test('under TLS is 534, before login and after, and the connection stays encrypted', async () => {
    const client = await server.connect();
    await client.startTls();
    expect((await client.command('CCC')).code).toBe(534);
    await client.signUp('anna', 'correct horse');
    expect((await client.command('CCC')).code).toBe(534);
    expect((await client.command('PWD')).code).toBe(257);
  });
});
