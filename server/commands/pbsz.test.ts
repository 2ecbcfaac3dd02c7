import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../testing/test-server.ts';

describe('PBSZ', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
  });
  afterAll(() => server.dispose());

  test('before AUTH is 503', async () => {
    const client = await server.connect();
    expect((await client.command('PBSZ 0')).code).toBe(503);
  });

  // RFC 4217 §8: 0 is the only value, and a server that is asked for another answers with it.
  test.each(['0', '00', '1024', '4294967295'])('%s is answered with 0', async (size) => {
    const client = await server.connect();
    await client.startTls();
    expect((await client.command(`PBSZ ${size}`)).lines).toEqual(['200 PBSZ=0']);
    expect((await client.command('PROT P')).code).toBe(200);
  });

  test.each(['', '-1', 'x', '1.5', '0 0', '99999999999'])('"%s" is 501', async (size) => {
    const client = await server.connect();
    await client.startTls();
    expect((await client.command(`PBSZ ${size}`)).code).toBe(501);
  });
});
