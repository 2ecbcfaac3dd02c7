import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';

async function code(client: ControlClient, line: string): Promise<number> {
  return (await client.command(line)).code;
}

async function features(client: ControlClient): Promise<string[]> {
  const { lines } = await client.command('FEAT');
  return lines.map((line) => line.trim());
}

describe('AUTH', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    const client = await server.signUp();
    await client.store('STOR file', '0123456789');
    await client.close();
  });
  afterAll(() => server.dispose());

  test.each(['TLS', 'TLS-C', 'TLS-P', 'SSL', 'tls', 'Ssl'])('%s begins TLS', async (mechanism) => {
    const client = await server.connect();
    await client.startTls({ mechanism });
    expect(await code(client, 'NOOP')).toBe(200);
  });

  test.each(['GSSAPI', 'KERBEROS_V4', 'TLSX', 'TLS TLS'])(
    '%s is 504, and TLS can begin after it',
    async (mechanism) => {
      const client = await server.connect();
      expect(await code(client, `AUTH ${mechanism}`)).toBe(504);
      await client.startTls();
      expect(await code(client, 'NOOP')).toBe(200);
    },
  );

  test('a second one is 503, and ends nothing', async () => {
    const client = await server.connect();
    await client.startTls();
    expect(await code(client, 'AUTH TLS')).toBe(503);
    await client.login('anna', PASSWORD);
    expect(await code(client, 'AUTH SSL')).toBe(503);
    expect(await code(client, 'PWD')).toBe(257);
  });

  test('is announced with PBSZ and PROT, before TLS and after', async () => {
    const client = await server.connect();
    const announced = expect.arrayContaining(['AUTH TLS', 'PBSZ', 'PROT']);
    expect(await features(client)).toEqual(announced);
    await client.startTls();
    expect(await features(client)).toEqual(announced);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (version) => {
    const client = await server.loginWithTls({ minVersion: version, maxVersion: version });
    expect((client.socket as TLSSocket).getProtocol()).toBe(version);
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
  });

  describe('forgets what was agreed on in clear:', () => {
    async function afterAuth(...lines: readonly string[]): Promise<ControlClient> {
      const client = await server.connect();
      for (const line of lines) await client.command(line);
      await client.startTls();
      return client;
    }

    test('a login', async () => {
      const client = await afterAuth('USER anna', `PASS ${PASSWORD}`, 'PWD');
      expect(await code(client, 'PWD')).toBe(530);
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
    });

    test('USER, so that PASS is 503', async () => {
      const client = await afterAuth('USER anna');
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
    });

    test('SITE SIGNUP, so that PASS makes no account', async () => {
      const client = await afterAuth('SITE SIGNUP berta');
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
      await client.command('USER berta');
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(530);
    });

    async function loggedInAgain(...lines: readonly string[]): Promise<ControlClient> {
      const client = await afterAuth('USER anna', `PASS ${PASSWORD}`, ...lines);
      await client.command('USER anna');
      await client.command(`PASS ${PASSWORD}`);
      return client;
    }

    test('TYPE', async () => {
      const client = await loggedInAgain('TYPE I');
      expect((await client.command('STAT')).lines.join()).toContain('TYPE A');
    });

    test('REST', async () => {
      const client = await loggedInAgain('TYPE I', 'REST 5');
      await client.command('TYPE I');
      expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
    });

    test('RANG', async () => {
      const client = await loggedInAgain('TYPE I', 'RANG 2 4');
      await client.command('TYPE I');
      expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
    });

    test('RNFR', async () => {
      const client = await loggedInAgain('RNFR file');
      expect(await code(client, 'RNTO other')).toBe(503);
    });

    test('the working directory', async () => {
      const client = await loggedInAgain('MKD sub', 'CWD sub');
      expect((await client.command('PWD')).lines[0]).toMatch(/^257 "\/"/);
    });

    test('a data connection that was asked for', async () => {
      const client = await loggedInAgain('EPSV');
      expect(await code(client, 'RETR file')).toBe(425);
    });

    test('EPSV ALL', async () => {
      const client = await loggedInAgain('EPSV ALL');
      expect(await code(client, 'PASV')).toBe(227);
    });
  });
});

describe('with TLS off', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'off' } });
  });
  afterAll(() => server.dispose());

  test('AUTH, PBSZ, PROT and CCC are 502 and are not announced', async () => {
    const client = await server.connect();
    for (const line of ['AUTH TLS', 'AUTH SSL', 'PBSZ 0', 'PROT P', 'PROT C', 'CCC']) {
      expect([line, await code(client, line)]).toEqual([line, 502]);
    }
    expect((await features(client)).join()).not.toMatch(/AUTH|PBSZ|PROT|TLS/);
  });
});

describe('with TLS required', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'required' } });
    const client = await server.connect();
    await client.startTls();
    await client.signUp('anna', PASSWORD);
    await client.close();
  });
  afterAll(() => server.dispose());

  test.each(['USER anna', 'USER anonymous', 'SITE SIGNUP berta'])(
    '%s in clear is 530 and says what to do, and does not ask for a password',
    async (line) => {
      const client = await server.connect();
      const { code: refused, lines } = await client.command(line);
      expect(refused).toBe(530);
      expect(lines[0]).toContain('AUTH TLS');
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
    },
  );

  test('who does it can log in, and sign up', async () => {
    const client = await server.connect();
    expect(await code(client, 'USER anna')).toBe(530);
    await client.startTls();
    await client.login('anna', PASSWORD);
    await client.command('REIN');
    expect(await code(client, 'SITE SIGNUP berta')).toBe(331);
  });

  test('PROT C is 534, data in clear 521, before 150', async () => {
    const client = await server.connect();
    await client.startTls();
    await client.login('anna', PASSWORD);
    await client.command('PBSZ 0');
    expect(await code(client, 'PROT C')).toBe(534);
    for (const line of ['LIST', 'MLSD', 'STOR file']) {
      const { opening } = await client.retrieve(line);
      expect([line, opening.code]).toEqual([line, 521]);
      expect(opening.lines[0]).toContain('PROT P');
    }
    await client.protectData();
    expect((await client.retrieve('LIST')).closing.code).toBe(226);
  });
});
