import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, freeRange } from '../../../server/testing/free-range.ts';
import { TestServer } from '../../../server/testing/test-server.ts';
import { isInstalled } from '../../../tests/clients/program.ts';
import type { RemoteSession } from '../remote-session.ts';
import {
  PROXY_ADDRESS,
  PROXY_PASSWORD,
  type ProxyKind,
  ProxyProcess,
} from '../testing/proxy-process.ts';
import { chunksOf, connectAnna, Gathered, namesIn } from '../testing/test-site.ts';
import { openTunnel } from './open-tunnel.ts';
import { ProxyLogin } from './proxy-login.ts';

const KINDS: readonly ProxyKind[] = [
  { program: 'microsocks', username: undefined },
  { program: 'microsocks', username: 'anna' },
  { program: 'tinyproxy', username: undefined },
  { program: 'tinyproxy', username: 'anna' },
];

for (const kind of KINDS) {
  const title = `${kind.program} ${kind.username === undefined ? 'without' : 'with'} a password`;
  if (isInstalled(kind.program)) describe(title, () => journeys(kind));
  else test.skip(`${title}: ${kind.program} is not installed`, () => {});
}

function journeys(kind: ProxyKind): void {
  let proxy: ProxyProcess;

  beforeAll(async () => {
    proxy = await ProxyProcess.start(kind, (await freeRange(1)).first);
  });
  afterAll(() => proxy.stop());

  const loginWith = (password: string) => new ProxyLogin(proxy.proxy, async () => password);

  // The server refuses data connections from another address than that of the control connection.
  describe.each(['none', 'explicit'] as const)('TLS %s', (tls) => {
    let server: TestServer;
    let session: RemoteSession;

    beforeAll(async () => {
      server = await TestServer.start({ settings: tls === 'none' ? {} : { tls: 'optional' } });
      await server.signUp();
      session = await connectAnna(server.port, { tls, via: loginWith(PROXY_PASSWORD) });
    });
    afterAll(async () => {
      await session?.close();
      await server.dispose();
    });

    test('the server sees the address of the proxy only', async () => {
      expect(session.fingerprint256).toBe(tls === 'none' ? undefined : server.fingerprint256);
      const { text } = await session.command('STAT');
      expect(text).toContain(`from ${PROXY_ADDRESS}`);
    });

    test.each([0, 4096, 3_000_000])('%i octets go there and back', async (sizeBytes) => {
      const content = randomBytes(sizeBytes);
      const path = `/there-${sizeBytes}.bin`;
      await session.upload(path, { source: chunksOf(content), sizeBytes });
      expect(content.equals(await readFile(join(server.rootDir, 'anna', path)))).toBe(true);
      const gathered = new Gathered();
      await session.download(path, { sink: gathered.sink, sizeBytes });
      expect(content.equals(gathered.octets)).toBe(true);
      expect(await namesIn(session, '/')).toContain(path.slice(1));
    });
  });

  test('a host that does not listen is told as such', async () => {
    const port = await freePort();
    const attempt = openTunnel(loginWith(PROXY_PASSWORD), { host: '127.0.0.1', port });
    await expect(attempt).rejects.toMatchObject({
      kind: 'network',
      isOfProxy: true,
      message: expect.stringMatching(/^The proxy \S+ (cannot|refuses to) connect to 127\.0\.0\.1:/),
    });
  });

  if (kind.username === undefined) return;

  test('a wrong password is told as such, and not repeated', async () => {
    const attempt = openTunnel(loginWith('wrong'), { host: '127.0.0.1', port: 9 });
    await expect(attempt).rejects.toMatchObject({
      kind: 'login',
      message: expect.stringMatching(/^The proxy \S+anna@\S+ refuses the user or the password\.$/),
    });
  });

  test('a login that is not known to be needed is told as such', async () => {
    const login = new ProxyLogin({ ...proxy.proxy, username: undefined }, async () => '');
    const attempt = openTunnel(login, { host: '127.0.0.1', port: 9 });
    await expect(attempt).rejects.toMatchObject({
      kind: 'login',
      message: expect.stringMatching(/wants a user and a password/),
    });
  });
}
