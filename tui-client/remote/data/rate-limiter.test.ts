import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../../server/testing/test-server.ts';
import { connectSite } from '../connection/connect-site.ts';
import type { RemoteSession } from '../remote-session.ts';
import { chunksOf, PASSWORD, siteAt } from '../testing/test-site.ts';

const RATE = 400_000;
const SIZE_BYTES = 600_000;
/** At this rate the file takes this long, less what the limiter catches up. */
const LEAST_MS = (SIZE_BYTES / RATE) * 1000 - 200;
/** What may wait in buffers of the client, besides the rate. */
const BUFFERED_BYTES = 4 * (RATE / 8);

interface Moved {
  readonly atMs: number;
  readonly bytes: number;
}

/** Most octets in any half second. */
function mostInWindow(moved: readonly Moved[], windowMs = 500): number {
  const sums = moved.map(({ atMs }) =>
    moved
      .filter((one) => one.atMs >= atMs && one.atMs < atMs + windowMs)
      .reduce((sum, { bytes }) => sum + bytes, 0),
  );
  return Math.max(...sums);
}

/** Notes octets as they are counted by a transfer. */
function watch() {
  const moved: Moved[] = [];
  let before = 0;
  const onBytes = (bytes: number) => {
    moved.push({ atMs: performance.now(), bytes: bytes - before });
    before = bytes;
  };
  return { moved, onBytes };
}

describe.each(['none', 'explicit'] as const)('with TLS %s', (tls) => {
  let server: TestServer;
  let session: RemoteSession;

  beforeAll(async () => {
    server = await TestServer.start({ settings: tls === 'none' ? {} : { tls: 'optional' } });
    await server.signUp();
    const home = await server.makeHome('anna');
    await writeFile(join(home, 'file'), Buffer.alloc(SIZE_BYTES));
    const site = { ...siteAt(server.port, tls), limitBytesPerSecond: RATE };
    session = await connectSite(site, {
      password: async () => PASSWORD,
      trust: async () => 'once',
    });
  });
  afterAll(async () => {
    await session.close();
    await server.dispose();
  });

  const upload = (onBytes?: (bytes: number) => void, path = '/up') =>
    session.upload(path, { source: chunksOf(Buffer.alloc(SIZE_BYTES), 300_000), onBytes });
  const download = (onBytes?: (bytes: number) => void) =>
    session.download('/file', { sink: () => undefined, onBytes });

  test.each([
    ['upload', upload],
    ['download', download],
  ] as const)('%s: the rate is kept, without bursts', async (_, transfer) => {
    session.rate.bytesPerSecond = RATE;
    const { moved, onBytes } = watch();
    const startedMs = performance.now();
    await transfer(onBytes);
    expect(performance.now() - startedMs).toBeGreaterThan(LEAST_MS);
    expect(mostInWindow(moved)).toBeLessThan(RATE / 2 + BUFFERED_BYTES);
  });

  test('transfers of several connections keep it together', async () => {
    session.rate.bytesPerSecond = RATE;
    const other = await session.openAnother();
    const startedMs = performance.now();
    const half = () => chunksOf(Buffer.alloc(SIZE_BYTES / 2));
    await Promise.all([
      session.upload('/one', { source: half() }),
      other.upload('/two', { source: half() }),
    ]);
    expect(performance.now() - startedMs).toBeGreaterThan(LEAST_MS);
    await other.close();
  });

  test.each([
    ['upload', upload],
    ['download', download],
  ] as const)('%s: a limit that is lifted ends the waiting', async (_, transfer) => {
    session.rate.bytesPerSecond = 1000;
    let isLifted = false;
    await transfer(() => {
      if (isLifted) return;
      isLifted = true;
      setImmediate(() => {
        session.rate.bytesPerSecond = undefined;
      });
    });
    // At the rate before it would take ten minutes.
    expect(session.rate.bytesPerSecond).toBeUndefined();
  });

  test.each([
    ['upload', upload],
    ['download', download],
  ] as const)('%s: a limit that is set holds at once', async (_, transfer) => {
    session.rate.bytesPerSecond = 1_000_000;
    const startedMs = performance.now();
    const { moved, onBytes } = watch();
    await transfer((bytes) => {
      onBytes(bytes);
      if (session.rate.bytesPerSecond === 1_000_000) session.rate.bytesPerSecond = RATE;
    });
    expect(performance.now() - startedMs).toBeGreaterThan(LEAST_MS - 500);
    expect(mostInWindow(moved.slice(5))).toBeLessThan(RATE / 2 + BUFFERED_BYTES);
  });
});

test('waiting ends with the transfer', async () => {
  const server = await TestServer.start();
  await server.signUp();
  const site = { ...siteAt(server.port), limitBytesPerSecond: 100 };
  const session = await connectSite(site, {
    password: async () => PASSWORD,
    trust: async () => 'once',
  });
  const stop = new AbortController();
  const source = chunksOf(Buffer.alloc(SIZE_BYTES));
  const uploading = session.upload('/up', { source, signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 300);
  await expect(uploading).rejects.toThrow('enough');
  expect(await session.command('NOOP')).toMatchObject({ code: 200 });
  await session.close();
  await server.dispose();
});
