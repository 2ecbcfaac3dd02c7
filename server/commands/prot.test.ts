import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe('PROT', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional', implicitPort: 0 } });
    client = await server.signUp();
    await client.store('STOR file', '0123456789');
    await client.startTls();
    await client.login('anna', 'correct horse');
  });
  afterAll(() => server.dispose());

  async function code(line: string): Promise<number> {
    return (await client.command(line)).code;
  }

  test('before AUTH is 503', async () => {
    const plain = await server.connect();
    expect((await plain.command('PROT P')).code).toBe(503);
  });

  test('P works without PBSZ, which many devices never send', async () => {
    const other = await server.connect();
    await other.startTls();
    await other.login('anna', 'correct horse');
    expect((await other.command('PROT P')).code).toBe(200);
    const data = other.protect(await other.openPlainData());
    const text = data.setEncoding('latin1').toArray();
    expect((await other.command('RETR file')).code).toBe(150);
    expect((await other.reply()).code).toBe(226);
    expect((await text).join('')).toBe('0123456789');
  });

  test('until it is sent, data is in clear (RFC 4217 §9)', async () => {
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
    await client.command('PBSZ 0');
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
  });

  test.each([
    ['S', 536],
    ['E', 536],
    ['X', 504],
    ['PP', 504],
    ['p', 200],
    ['c', 200],
    ['C', 200],
  ])('%s is %i', async (level, expected) => {
    await client.command('PBSZ 0');
    expect(await code(`PROT ${level}`)).toBe(expected);
  });

  test('P encrypts what follows, C no longer does', async () => {
    await client.protectData();
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
    expect((await client.retrieve('MLSD')).data.toString()).toContain('file');
    await client.command('PROT C');
    const data = await client.openPlainData();
    const text = data.setEncoding('latin1').toArray();
    expect(await code('RETR file')).toBe(150);
    expect((await client.reply()).code).toBe(226);
    expect((await text).join('')).toBe('0123456789');
  });

  test('a level that is refused leaves the one before', async () => {
    await client.protectData();
    await client.command('PROT S');
    await client.command('PROT X');
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
  });

  test('a port that was asked for before it is served as it says', async () => {
    await client.command('PROT C');
    const plain = await client.openPlainData();
    await client.command('PROT P');
    const text = client.protect(plain).setEncoding('latin1').toArray();
    expect(await code('RETR file')).toBe(150);
    expect((await client.reply()).code).toBe(226);
    expect((await text).join('')).toBe('0123456789');
  });

  test('a new USER leaves it, as it leaves the encryption (RFC 959 §4.1.1)', async () => {
    await client.protectData();
    await client.login('anna', 'correct horse');
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
  });

  test('at the implicit port it is needed, too', async () => {
    const other = await server.connectTls();
    await other.login('anna', 'correct horse');
    expect((await other.command('AUTH TLS')).code).toBe(503);
    expect((await other.retrieve('RETR file')).data.toString()).toBe('0123456789');
    await other.protectData();
    expect((await other.retrieve('RETR file')).data.toString()).toBe('0123456789');
  });
});
