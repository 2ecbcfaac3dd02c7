import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runningDigest } from './data/digests.ts';
import type { RemoteSession } from './remote-session.ts';
import { PeerServer, WRITABLE } from './testing/peer-server.ts';
import { describePeers, type InstalledPeer, PEERS } from './testing/peers.ts';
import { chunksOf, connectAnna, endlessSource, Gathered, namesIn } from './testing/test-site.ts';

await describePeers(PEERS, journeys, ['clear', 'TLS']);

function journeys({ kind, ...start }: InstalledPeer): void {
  let server: PeerServer;
  let session: RemoteSession;
  const path = (name: string) => `/${WRITABLE}/${name}`;
  const onDisk = (name: string) => join(server.rootPath, WRITABLE, name);

  beforeAll(async () => {
    server = await PeerServer.start(kind, start);
    session = await connectAnna(server.port, {
      tls: start.security === 'TLS' ? 'explicit' : 'none',
      username: server.user,
      password: async () => server.password,
    });
  });
  afterAll(async () => {
    await session?.close();
    await server?.stop();
  });

  test.each([0, 1, 3_000_000])('%i octets go there and back', async (sizeBytes) => {
    const content = randomBytes(sizeBytes);
    const name = `there-${sizeBytes}`;
    await session.upload(path(name), { source: chunksOf(content) });
    expect(content.equals(await readFile(onDisk(name)))).toBe(true);
    expect(await session.place.stat(path(name))).toMatchObject({ name, kind: 'file', sizeBytes });
    const gathered = new Gathered();
    await session.download(path(name), { sink: gathered.sink });
    expect(content.equals(gathered.octets)).toBe(true);
  });

  test('transfers begin at an offset, in both directions', async () => {
    const content = randomBytes(300_000);
    await session.upload(path('resumed'), { source: chunksOf(content.subarray(0, 100_000)) });
    const rest = { offsetBytes: 100_000, source: chunksOf(content.subarray(100_000)) };
    if (kind.name === 'proftpd') {
      // Unless it is told otherwise, it takes no uploads that are carried on.
      const attempt = session.upload(path('resumed'), rest);
      await expect(attempt).rejects.toMatchObject({ kind: 'protocol', isTransient: false });
      await session.upload(path('resumed'), { source: chunksOf(content) });
    } else {
      await session.upload(path('resumed'), rest);
    }
    expect(content.equals(await readFile(onDisk('resumed')))).toBe(true);
    const gathered = new Gathered();
    await session.download(path('resumed'), { offsetBytes: 54_321, sink: gathered.sink });
    expect(content.subarray(54_321).equals(gathered.octets)).toBe(true);
  });

  test('odd names are made, listed, renamed and removed', async () => {
    const names = [' leading', `it's "q"`, 'grüße 日本 🙂', '-la', '100% #1;x=y'];
    for (const name of names) {
      await session.upload(path(name), { source: chunksOf(Buffer.from(name)) });
      await session.place.rename(path(name), path('other'));
      await session.place.rename(path('other'), path(name));
    }
    expect(await namesIn(session, `/${WRITABLE}`)).toEqual(expect.arrayContaining(names));
    for (const name of names) await session.place.remove(path(name));
    const left = await readdir(onDisk(''));
    expect(left.filter((name) => names.includes(name))).toEqual([]);
  });

  test('what is missing is said to be', async () => {
    await expect(namesIn(session, path('none'))).rejects.toMatchObject({
      name: 'Failure',
      code: kind.name === 'pyftpdlib' ? 501 : 550,
    });
    expect(await session.place.stat(path('none'))).toBeUndefined();
    const attempt = session.download(path('none'), { sink: () => undefined });
    await expect(attempt).rejects.toMatchObject({ name: 'Failure', code: 550 });
  });

  test('digests, where there are any, are right', async () => {
    const { algorithm } = session;
    if (algorithm === undefined) return;
    const content = randomBytes(100_000);
    await session.upload(path('digest me'), { source: chunksOf(content) });
    const digest = runningDigest(algorithm);
    digest.update(content);
    expect(await session.place.digest(path('digest me'), algorithm)).toBe(digest.hex());
  });

  test('aborted transfers leave a session that works, and no upload that looks whole to it', async () => {
    await session.upload(path('big'), { source: chunksOf(Buffer.alloc(3_000_000)) });
    for (let round = 0; round < 10; round += 1) {
      const reason = new Error('stop');
      const stop = new AbortController();
      const onBytes = (moved: number) => {
        if (moved > round * 50_000) stop.abort(reason);
      };
      const options = { signal: stop.signal, onBytes };
      const up = session.upload(path('cut'), { ...options, source: endlessSource() });
      await expect(up).rejects.toBe(reason);
      await session.download(path('big'), { ...options, sink: () => undefined }).catch(() => {});
      expect(await session.workingDirectory()).toMatch(/^\//);
      expect(await session.place.stat(path('big'))).toMatchObject({ sizeBytes: 3_000_000 });
    }
  });

  test('several sessions at once', async () => {
    const sessions = await Promise.all([session.openAnother(), session.openAnother()]);
    const content = randomBytes(1_000_000);
    await Promise.all(
      sessions.map((one, at) => one.upload(path(`at-once-${at}`), { source: chunksOf(content) })),
    );
    for (const at of sessions.keys()) {
      expect(content.equals(await readFile(onDisk(`at-once-${at}`)))).toBe(true);
    }
    await Promise.all(sessions.map((one) => one.close()));
  });
}
