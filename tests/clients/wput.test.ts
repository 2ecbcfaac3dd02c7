import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome } from './program.ts';
import { octets, SIZES } from './samples.ts';

/** wput takes an unexpected message after the handshake for a lost connection, and ends TLS without close_notify. */
describeClient('wput', isInstalled('wput'), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open({
      settings: { tls: 'optional', tlsSessionReuse: 'off', cutUploads: 'publish' },
    });
  });
  afterAll(() => site.close());

  function wput(...args: readonly string[]): Promise<Outcome> {
    return site.run('wput', ['--binary', '--tries=1', ...args]);
  }

  function url(path: string): string {
    const password = encodeURIComponent(PASSWORD);
    return `ftp://${USERNAME}:${password}@${site.host}:${site.port}/${path}`;
  }

  test.each(SIZES)('uploads $name in clear', async ({ name, sizeBytes }) => {
    await site.writeLocal(name, octets(sizeBytes));
    await wput(name, url(`clear/${name}`));
    expect(await site.homeDigest(`clear/${name}`)).toBe(await site.localDigest(name));
  });

  test('uploads over TLS where the server sends no tickets', async () => {
    await site.writeLocal('secret.bin', octets(100_000));
    const { stdout } = await wput('--force-tls', 'secret.bin', url('secret.bin'));
    expect(stdout).toContain('encrypted');
    expect(await site.homeDigest('secret.bin')).toBe(await site.localDigest('secret.bin'));
  });
});
