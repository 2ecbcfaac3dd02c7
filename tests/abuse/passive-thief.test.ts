import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient, DataReply } from '../../server/testing/control-client.ts';
import { freeRange } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';

/** Few enough for a thief to hit nearly every port that is open for some milliseconds. */
const PORTS = 20;
const TRANSFERS = 100;
const CONTENT = 'the content';

const THIEF = join(import.meta.dirname, 'thief.ts');

describe('a thief at the address of the client, who connects to all passive ports all the time', () => {
  let server: TestServer;
  let thief: ChildProcessWithoutNullStreams;
  let thiefOutput: Promise<string>;

  beforeAll(async () => {
    const range = await freeRange(PORTS);
    server = await TestServer.start({ settings: { pasvRange: range, tls: 'optional' } });
    await (await server.signUp()).store('STOR file', CONTENT);
  });
  afterEach(() => void thief.kill());
  afterAll(() => server.dispose());

  async function attack(): Promise<void> {
    const { first, last } = server.settings.pasvRange ?? { first: 0, last: 0 };
    thief = spawn(process.execPath, [THIEF, `${first}`, `${last}`]);
    await once(thief.stdout, 'data');
    thiefOutput = text(thief.stdout);
  }

  async function stolenTransfers(): Promise<number> {
    thief.stdin.end();
    return Number(await thiefOutput);
  }

  async function download(client: ControlClient): Promise<DataReply[]> {
    const replies: DataReply[] = [];
    for (let turn = 0; turn < TRANSFERS; turn += 1) {
      replies.push(await client.retrieve('RETR file'));
    }
    return replies;
  }

  test('gets no transfer of a client in clear: it is denied where the right connection is uncertain', async () => {
    const client = await server.login();
    for (let turn = 0; turn < 4; turn += 1) await client.retrieve('RETR file');
    await attack();
    const replies = await download(client);
    expect(await stolenTransfers()).toBe(0);
    for (const { closing, data } of replies) {
      expect([226, 425]).toContain(closing.code);
      if (closing.code === 226) expect(data.toString()).toBe(CONTENT);
    }
  });

  test('neither gets nor denies one under TLS, if the client resumes its session', async () => {
    const client = await server.loginWithTls();
    await attack();
    const replies = await download(client);
    expect(await stolenTransfers()).toBe(0);
    const served = replies.filter(({ closing }) => closing.code === 226);
    expect(served.map(({ data }) => data.toString())).toEqual(served.map(() => CONTENT));
    // On a busy machine a ClientHello may come after the time for it.
    expect(served.length).toBeGreaterThanOrEqual(0.95 * TRANSFERS);
  });
});
