import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { LocalPlace } from '../local/local-place.ts';
import { planMirror } from './mirror/mirror.ts';
import { runMirror } from './mirror/run-mirror.ts';
import { CuttingProxy } from './testing/cutting-proxy.ts';
import { SiteQueue } from './testing/site-queue.ts';
import { TestClock } from './testing/test-clock.ts';

let server: TestServer;
let here: string;
let site: SiteQueue | undefined;
let proxy: CuttingProxy | undefined;

beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'myftp-over-ftp-'));
  server = await TestServer.start();
  await server.signUp();
});

afterEach(async () => {
  await site?.close();
  await proxy?.close();
  [site, proxy] = [undefined, undefined];
  await server.dispose();
  await rm(here, { recursive: true, force: true });
});

function there(path: string): string {
  return join(server.rootDir, 'anna', path);
}

const UPLOAD = { direction: 'upload', kind: 'file', policy: 'overwrite' } as const;
const DOWNLOAD = { ...UPLOAD, direction: 'download' } as const;

test('a deep tree goes up and comes back the same, with times and empty directories', async () => {
  const files = ['a', 'b/c', 'b/d/e/f/g/h', 'b/d/e/f/g/i', 'ü/日 本/📷 .jpg'];
  for (const file of files) {
    const path = join(here, 'tree', file);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, randomBytes(randomInt(100_000)));
    await utimes(path, 1_600_000_000, 1_600_000_000);
  }
  await mkdir(join(here, 'tree/empty/deeper'), { recursive: true });
  site = await SiteQueue.open(server.port);
  const { queue } = site;

  queue.add([{ ...UPLOAD, kind: 'directory', from: join(here, 'tree'), to: '/tree' }]);
  await queue.idle();
  queue.add([{ ...DOWNLOAD, kind: 'directory', from: '/tree', to: join(here, 'back') }]);
  await queue.idle();

  expect(queue.snapshot().counts).toMatchObject({ done: 2 * files.length, failed: 0 });
  for (const file of files) {
    const [sent, back] = await Promise.all([
      readFile(join(here, 'tree', file)),
      readFile(join(here, 'back', file)),
    ]);
    expect(back.equals(sent)).toBe(true);
    expect((await stat(there(`tree/${file}`))).mtimeMs).toBe(1_600_000_000_000);
    expect((await stat(join(here, 'back', file))).mtimeMs).toBe(1_600_000_000_000);
  }
  expect((await stat(join(here, 'back/empty/deeper'))).isDirectory()).toBe(true);
  expect(
    queue
      .snapshot()
      .jobs.every(({ kind, verified }) => kind === 'directory' || typeof verified === 'object'),
  ).toBe(true);
});

test.each([
  ['upload', 'data'],
  ['upload', 'all'],
  ['download', 'data'],
  ['download', 'all'],
] as const)(
  'an %s that is cut three times comes over whole (%s connections)',
  async (direction, kills) => {
    const octets = randomBytes(6_000_000);
    await writeFile(direction === 'upload' ? join(here, 'f') : there('f'), octets);
    const cutsAfterBytes = Array.from({ length: 3 }, () => randomInt(1, 1_500_000));
    proxy = await CuttingProxy.start({ serverPort: server.port, cutsAfterBytes, kills });
    site = await SiteQueue.open(proxy.port, { clock: new TestClock() });
    const { queue } = site;
    const [from, to] = direction === 'upload' ? [join(here, 'f'), '/f'] : ['/f', join(here, 'f')];
    queue.add([{ direction, kind: 'file', policy: 'ask', from, to }]);
    await queue.idle();
    const [job] = queue.snapshot().jobs;
    expect(job).toMatchObject({ state: 'done', tries: 3 });
    expect(job?.verified).toMatchObject({ algorithm: expect.any(String) });
    expect(proxy.cuts).toBe(3);
    const copy = await readFile(direction === 'upload' ? there('f') : join(here, 'f'));
    expect(copy.equals(octets)).toBe(true);
    expect(await readdir(here)).toEqual(['f']);
  },
);

test('a full quota stops uploads with the words of the server, and what is there stays', async () => {
  await server.setQuota('anna', 250_000);
  const names = Array.from({ length: 12 }, (_, i) => `f${i}`);
  for (const name of names) await writeFile(join(here, name), randomBytes(100_000));
  site = await SiteQueue.open(server.port, { workers: 1 });
  const { queue } = site;
  queue.add(names.map((name) => ({ ...UPLOAD, from: join(here, name), to: `/${name}` })));
  await queue.idle();
  const { counts, notices } = queue.snapshot();
  expect(counts).toMatchObject({ done: 2, failed: 1, paused: 9 });
  expect(notices).toMatchObject([{ direction: 'upload', error: { kind: 'space', code: 552 } }]);

  await server.setQuota('anna', 1024 ** 3);
  queue.retry('all');
  queue.resume('all');
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ done: 12, failed: 0 });
});

test('a large upload that the quota has no room for fails before any octet, and the connection goes on', async () => {
  await server.setQuota('anna', 1000);
  await writeFile(join(here, 'big'), randomBytes(300_000));
  await writeFile(join(here, 'small'), randomBytes(500));
  const lines: string[] = [];
  site = await SiteQueue.open(server.port, { workers: 1, log: (line) => lines.push(line) });
  const { queue } = site;
  const upload = (name: string) => ({ ...UPLOAD, from: join(here, name), to: `/${name}` });
  queue.add([upload('big')]);
  await queue.idle();
  expect(queue.snapshot().jobs[0]).toMatchObject({
    state: 'failed',
    doneBytes: 0,
    error: {
      kind: 'space',
      code: 552,
      message: 'Could not upload /big: 552 Quota exceeded: no space for 300000 more bytes.',
    },
  });
  const [allo, refusal] = lines.slice(lines.findIndex((line) => line.includes('ALLO')));
  expect([allo, refusal]).toEqual(['> ALLO 300000', expect.stringMatching(/^< 552/)]);
  expect(lines.join('\n')).not.toContain('STOR');

  queue.resume('all');
  queue.add([upload('small')]);
  await queue.idle();
  expect(queue.snapshot().counts).toMatchObject({ done: 1, failed: 1 });
  expect(lines.filter((line) => line.includes('USER'))).toHaveLength(2);
});

test('mirrors bring a thousand small files up and down, and then nothing', async () => {
  for (let i = 0; i < 1000; i++) {
    if (i % 100 === 0) await mkdir(join(here, `tree/${i / 100}`), { recursive: true });
    await writeFile(join(here, `tree/${Math.floor(i / 100)}/f${i}`), randomBytes(4096));
  }
  site = await SiteQueue.open(server.port, { workers: 4 });
  const { queue, session } = site;
  const local = new LocalPlace();
  const sides = {
    compareBy: 'size-and-time',
    extras: 'delete',
  } as const;
  const [upload, download] = ['upload', 'download'] as const;
  const remote = session.place;
  const onDisk = { tree: join(here, 'tree'), back: join(here, 'back') };
  const upSides = { direction: upload, source: local, target: remote };
  const up = { ...sides, ...upSides, from: onDisk.tree, to: '/tree' };
  const downSides = { direction: download, source: remote, target: local };
  const down = { ...sides, ...downSides, from: '/tree', to: onDisk.back };

  const plan = await planMirror(up);
  expect([plan.makes.length, plan.copies.length]).toEqual([11, 1000]);
  expect(await runMirror(plan, { queue, target: session.place })).toMatchObject({
    failedFiles: 0,
    deleted: 0,
  });
  expect(await planMirror(up)).toMatchObject({
    copies: [],
    replacements: [],
    unchangedFiles: 1000,
  });

  const back = await planMirror(down);
  expect(await runMirror(back, { queue, target: local })).toMatchObject({
    failedFiles: 0,
    deleted: 0,
  });
  expect(await planMirror(down)).toMatchObject({
    copies: [],
    replacements: [],
    unchangedFiles: 1000,
  });
  const [sent, got] = await Promise.all([
    readFile(join(here, 'tree/7/f777')),
    readFile(join(here, 'back/7/f777')),
  ]);
  expect(got.equals(sent)).toBe(true);
});

test('pausing keeps what has come, resuming carries on, cancelling takes the part away', async () => {
  const octets = randomBytes(30_000_000);
  await writeFile(there('f'), octets);
  site = await SiteQueue.open(server.port);
  const { queue } = site;
  const [id = ''] = queue.add([{ ...DOWNLOAD, from: '/f', to: join(here, 'f') }]);
  await new Promise<void>((resolve) => {
    queue.on('change', () => {
      if ((queue.snapshot().jobs[0]?.doneBytes ?? 0) > 0) resolve();
    });
  });
  queue.pause(id);
  await queue.idle();
  const { state, doneBytes } = queue.snapshot().jobs[0] ?? {};
  if (state === 'paused') {
    expect((await stat(join(here, 'f.part'))).size).toBe(doneBytes);
    queue.resume(id);
    await queue.idle();
  }
  expect(octets.equals(await readFile(join(here, 'f')))).toBe(true);

  await writeFile(there('g'), octets);
  const [other = ''] = queue.add([{ ...DOWNLOAD, from: '/g', to: join(here, 'g') }]);
  queue.cancel(other);
  await queue.idle();
  expect(queue.snapshot().jobs.map((job) => job.id)).toEqual([id]);
});

test('a download whose octets come faster than they are written is paused at what its part has', async () => {
  await writeFile(there('f'), randomBytes(1_000_000));
  site = await SiteQueue.open(server.port);
  const { queue, session } = site;
  session.rate.bytesPerSecond = 100_000;
  const [id = ''] = queue.add([{ ...DOWNLOAD, from: '/f', to: join(here, 'f') }]);
  await new Promise<void>((resolve) => {
    queue.on('change', () => {
      if ((queue.snapshot().jobs[0]?.doneBytes ?? 0) > 0) resolve();
    });
  });
  queue.pause(id);
  await queue.idle();
  const { size } = await stat(join(here, 'f.part'));
  expect(queue.snapshot().jobs).toMatchObject([{ state: 'paused', doneBytes: size }]);
});
