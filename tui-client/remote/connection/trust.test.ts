import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../../server/testing/test-server.ts';
import type { CertificateFacts } from '../../sites/site.ts';
import { connectAnna, PASSWORD, siteAt } from '../testing/test-site.ts';
import { signUp } from './sign-up.ts';

describe('trust in a server', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'required' } });
    const session = await signUp(siteAt(server.port, 'explicit'), {
      password: async () => PASSWORD,
      trust: async () => 'once',
    });
    await session.close();
  });
  afterAll(() => server.dispose());

  test('is decided by facts, before anything of the user is sent', async () => {
    const seen: CertificateFacts[] = [];
    const log: string[] = [];
    const password = () => Promise.reject(new Error('asked too early'));
    const attempt = connectAnna(server.port, {
      tls: 'explicit',
      password,
      log: (line) => log.push(line),
      trust: async (facts) => {
        seen.push(facts);
        return 'refuse';
      },
    });
    await expect(attempt).rejects.toMatchObject({ kind: 'trust' });
    expect(seen).toMatchObject([
      {
        host: '127.0.0.1',
        port: server.port,
        fingerprint256: server.fingerprint256,
        protocol: 'TLSv1.3',
        isSelfSigned: true,
        problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        pinnedFingerprint256: undefined,
      },
    ]);
    expect(log.filter((line) => line.startsWith('>'))).toEqual(['> AUTH TLS', '> QUIT']);
  });

  test('a pinned certificate is not asked about', async () => {
    const session = await connectAnna(server.port, {
      tls: 'explicit',
      pinned: server.fingerprint256,
      trust: () => Promise.reject(new Error('asked')),
    });
    expect(await session.workingDirectory()).toBe('/');
    await session.close();
  });

  test('another one than the pinned is asked about, and both are told', async () => {
    const pinned = 'AA:BB';
    let told: string | undefined;
    const attempt = connectAnna(server.port, {
      tls: 'explicit',
      pinned,
      trust: async (facts) => {
        told = facts.pinnedFingerprint256;
        return 'refuse';
      },
    });
    await expect(attempt).rejects.toThrow('not the one that was trusted before');
    expect(told).toBe(pinned);
  });

  test('is asked for once: other connections and later ones need no answer', async () => {
    let asked = 0;
    const session = await connectAnna(server.port, {
      tls: 'explicit',
      trust: async () => {
        asked += 1;
        return 'once';
      },
    });
    const another = await session.openAnother();
    await session.command('QUIT');
    expect(await session.workingDirectory()).toBe('/');
    await Promise.all([another.close(), session.close()]);
    expect(asked).toBe(1);
  });

  test('a user name is not sent in clear to a server that requires TLS', async () => {
    await expect(connectAnna(server.port)).rejects.toMatchObject({ kind: 'login' });
  });
});

describe('a sign-up', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional', signup: 'open' } });
  });
  afterAll(() => server.dispose());

  const options = { password: async () => PASSWORD, trust: async () => 'once' as const };

  test('makes an account and logs in; the session reconnects like any other', async () => {
    const log: string[] = [];
    const site = { ...siteAt(server.port, 'explicit'), username: 'bob' };
    const session = await signUp(site, { ...options, log: (line) => log.push(line) });
    await session.command('QUIT');
    expect(await session.workingDirectory()).toBe('/');
    await session.close();
    expect(log.join('\n')).not.toContain(PASSWORD);
  });

  test('is refused in the words of the server', async () => {
    const site = { ...siteAt(server.port, 'explicit'), username: 'bob' };
    await expect(signUp(site, options)).rejects.toMatchObject({ kind: 'login', code: 550 });
    const short = { ...options, password: async () => 'short' };
    const other = { ...siteAt(server.port, 'explicit'), username: 'carol' };
    await expect(signUp(other, short)).rejects.toMatchObject({ kind: 'login', code: 530 });
  });

  test('sends no password in clear unless that is wanted', async () => {
    const site = { ...siteAt(server.port), username: 'dave' };
    await expect(signUp(site, options)).rejects.toMatchObject({ kind: 'trust' });
    const session = await signUp(site, { ...options, clear: 'allowed' });
    await session.close();
  });

  test('hides the invite in the log', async () => {
    const log: string[] = [];
    const site = { ...siteAt(server.port, 'explicit'), username: 'erin' };
    const attempt = signUp(site, {
      ...options,
      invite: 'no-such-invite',
      log: (line) => log.push(line),
    });
    await attempt.then(
      (session) => session.close(),
      () => {},
    );
    expect(log.join('\n')).toContain('> SITE SIGNUP erin ****');
    expect(log.join('\n')).not.toContain('no-such-invite');
  });
});
