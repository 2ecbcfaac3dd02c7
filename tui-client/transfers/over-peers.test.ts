import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { describePeers, type InstalledPeer, PEERS } from '../remote/testing/peers.ts';
import { CuttingProxy } from './testing/cutting-proxy.ts';
import { SiteQueue } from './testing/site-queue.ts';
import { TestClock } from './testing/test-clock.ts';

const CHANGED = new Date('2024-02-29T12:34:56Z');

await describePeers(PEERS, journeys);

function journeys({ kind, ...start }: InstalledPeer): void {
  let server: PeerServer;
  let here: string;
  const account = () => ({ username: server.user, password: async () => server.password });

  beforeAll(async () => {
    here = await mkdtemp(join(tmpdir(), 'myftp-vsftpd-'));
    server = await PeerServer.start(kind, start);
  });

  afterAll(async () => {
    await server?.stop();
    await rm(here, { recursive: true, force: true });
  });

  test('a tree goes up and comes back the same', async () => {
    for (const name of ['a', 'sub/b', 'sub/deep/c']) {
      await mkdir(join(here, 'tree', name, '..'), { recursive: true });
      await writeFile(join(here, 'tree', name), randomBytes(50_000));
      await utimes(join(here, 'tree', name), CHANGED, CHANGED);
    }
    const site = await SiteQueue.open(server.port, account());
    const { queue } = site;
    const both = { kind: 'directory', policy: 'ask' } as const;
    const [from, there] = [join(here, 'tree'), `/${WRITABLE}/tree`];
    queue.add([{ ...both, direction: 'upload', from, to: there }]);
    await queue.idle();
    queue.add([{ ...both, direction: 'download', from: there, to: join(here, 'back') }]);
    await queue.idle();
    const { counts, jobs } = queue.snapshot();
    await site.close();
    expect(jobs.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(counts).toMatchObject({ done: 6, failed: 0 });
    expect(jobs.find(({ kind }) => kind === 'file')?.verified).toBe('unavailable');
    for (const name of ['a', 'sub/b', 'sub/deep/c']) {
      const back = await readFile(join(here, 'back', name));
      expect(back.equals(await readFile(join(here, 'tree', name)))).toBe(true);
      for (const copy of [join(server.rootPath, there, name), join(here, 'back', name)]) {
        expect((await stat(copy)).mtime).toEqual(CHANGED);
      }
    }
  });

  test.each(['upload', 'download'] as const)(
    'an %s that is cut twice comes over whole',
    async (direction) => {
      const octets = randomBytes(4_000_000);
      const [local, remote] = [join(here, direction), `/${WRITABLE}/${direction}`];
      const onDisk = join(server.rootPath, WRITABLE, direction);
      await writeFile(direction === 'upload' ? local : onDisk, octets);
      const proxy = await CuttingProxy.start({
        serverPort: server.port,
        cutsAfterBytes: [1_000_000, 700_000],
        kills: 'all',
      });
      const site = await SiteQueue.open(proxy.port, { ...account(), clock: new TestClock() });
      const [from, to] = direction === 'upload' ? [local, remote] : [remote, local];
      site.queue.add([{ direction, kind: 'file', policy: 'ask', from, to }]);
      await site.queue.idle();
      const [job] = site.queue.snapshot().jobs;
      await site.close();
      await proxy.close();
      expect(job).toMatchObject({ state: 'done', verified: 'unavailable' });
      expect(octets.equals(await readFile(direction === 'upload' ? onDisk : local))).toBe(true);
      expect((await readdir(here)).filter((name) => name.endsWith('.part'))).toEqual([]);
    },
  );
}
