import { closeSync, openSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { latencyOf } from './latency.ts';

const GIB = 1024 ** 3;
const ENTRIES = 50_000;

/**
 * Far above what is measured, so that a busy machine does not fail: it shows a server that stands still. The
 * figures are written out.
 */
const MAX_MEDIAN_MS = 100;

describe('other sessions are served', () => {
  let server: TestServer;
  let idle: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { quotaBytes: 16 * GIB } });
    idle = await server.signUp();
  });
  afterAll(() => server.dispose());

  test('while four files of 1 GiB are hashed', async () => {
    const verbs = ['XSHA256', 'XMD5', 'XSHA256', 'XMD5'];
    const hashing = await Promise.all(
      verbs.map(async (verb, index) => {
        await makeSparse(join(server.rootDir, 'anna', `large-${index}`));
        const client = await server.login();
        client.send(`${verb} large-${index}\r\n`);
        return client;
      }),
    );
    const latency = await latencyOf(idle, { ms: 1000 });
    report('four files of 1 GiB being hashed', latency);
    for (const client of hashing) client.send('ABOR\r\n');
    const replies = await Promise.all(hashing.map((client) => client.reply()));
    // Had one ended before, the others would have been measured alone.
    expect(replies.map(({ code }) => code)).toEqual([426, 426, 426, 426]);
    expect(latency.medianMs).toBeLessThan(MAX_MEDIAN_MS);
  });

  test('while a directory of 50,000 entries is listed', async () => {
    await makeEntries(join(server.rootDir, 'anna', 'many'));
    const client = await server.login();
    const listing = client.retrieve('LIST many');
    const latency = await latencyOf(idle, { done: listing });
    report('50,000 entries being listed', latency);
    const { data, closing } = await listing;
    expect(closing.code).toBe(226);
    expect(data.toString().split('\r\n')).toHaveLength(ENTRIES + 1);
    expect(latency.medianMs).toBeLessThan(MAX_MEDIAN_MS);
  });
});

async function makeSparse(path: string): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(GIB);
  await file.close();
}

async function makeEntries(directory: string): Promise<void> {
  await mkdir(directory);
  for (let index = 0; index < ENTRIES; index += 1)
    closeSync(openSync(join(directory, `${index}`), 'w'));
}

function report(what: string, latency: Awaited<ReturnType<typeof latencyOf>>): void {
  const { medianMs, longestMs, pings } = latency;
  process.stdout.write(
    `NOOP with ${what}: median ${medianMs.toFixed(2)} ms, longest ${longestMs.toFixed(1)} ms of ${pings}\n`,
  );
}
