import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';

describe('a certificate that is replaced', () => {
  let directory: string;
  let server: TestServer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-reload-'));
    await writeNewPair();
    const files = { tlsCert: join(directory, 'cert.pem'), tlsKey: join(directory, 'key.pem') };
    const settings = { tls: 'optional', implicitPort: 0, tlsSessionReuse: 'require' } as const;
    server = await TestServer.start({ settings: { ...settings, ...files } });
    await (await server.signUp()).close();
  });
  afterAll(async () => {
    await server.dispose();
    await rm(directory, { recursive: true });
  });

  async function writeNewPair(): Promise<void> {
    const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
    await writeFile(join(directory, 'cert.pem'), pair.cert);
    await writeFile(join(directory, 'key.pem'), pair.private, { mode: 0o600 });
  }

  function shownTo(client: ControlClient): string {
    return (client.socket as TLSSocket).getPeerCertificate().fingerprint256;
  }

  test('is shown to whom connects after, and who is connected goes on', async () => {
    const before = await server.loginWithTls();
    expect(shownTo(before)).toBe(server.fingerprint256);
    const upload = await before.openData();
    await before.command('STOR running');
    await writeNewPair();
    await server.reloadCertificate();
    upload.resume().end('done');
    expect((await before.reply()).code).toBe(226);
    // Its data connections resume the session that was made with the old one.
    expect((await before.retrieve('RETR running')).data.toString()).toBe('done');
    for (const after of [await server.loginWithTls(), await server.connectTls()]) {
      expect(shownTo(after)).toBe(server.fingerprint256);
      expect(shownTo(after)).not.toBe(shownTo(before));
    }
  });

  test('by one that cannot be used stays', async () => {
    await writeFile(join(directory, 'cert.pem'), 'nonsense');
    await expect(server.reloadCertificate()).rejects.toThrow('cert.pem');
    expect(shownTo(await server.loginWithTls())).toBe(server.fingerprint256);
  });
});
