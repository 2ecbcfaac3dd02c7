import { readdirSync, readlinkSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { stagedFiles } from '../../server/testing/staged-files.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { octets } from '../clients/samples.ts';
import { Random } from '../crash/random.ts';
import { until } from '../journeys/server-process.ts';
import { expectExactQuota, shownSize } from './disk-usage.ts';

const SEED = 959;
const ROUNDS = 12;
const SIZE_BYTES = 300_000;
const BEFORE = 'the version before';

/** Silence is waited out, and nothing else may take as long. */
const KINDS = [
  { kind: 'fails', idleTimeoutMs: 300_000 },
  { kind: 'falls silent', idleTimeoutMs: 1500 },
];

describe.each(KINDS)(
  'an upload whose client $kind at a random octet',
  ({ kind, idleTimeoutMs }) => {
    const random = new Random(SEED);
    const content = octets(SIZE_BYTES);
    let server: TestServer;

    beforeAll(async () => {
      server = await TestServer.start({ settings: { idleTimeoutMs } });
      await (await server.signUp()).close();
    });
    afterAll(() => server.dispose());

    interface CutUpload {
      readonly client: ControlClient;
      readonly data: Socket;
      readonly sentBytes: number;
    }

    /** A session that looks: one of its own each time, as those that are idle are ended here. */
    async function observe<Result>(
      look: (client: ControlClient) => Promise<Result> | Result,
    ): Promise<Result> {
      const observer = await server.login();
      try {
        return await look(observer);
      } finally {
        await observer.close();
      }
    }

    /** Sends a random number of octets, waits until they are there, and fails. */
    async function cutOnce(
      name: string,
      fail: (upload: CutUpload) => Promise<void> | void,
    ): Promise<number> {
      const client = await server.login();
      await client.store(`STOR ${name}`, BEFORE);
      const data = await client.openData();
      await client.command(`STOR ${name}`);
      const sentBytes = 1 + random.below(SIZE_BYTES);
      data.write(content.subarray(0, sentBytes));
      // On the disk, that is: a reset drops what has come and is not written yet.
      await until(async () => (await stagedSizes(server)).includes(sentBytes));
      await fail({ client, data, sentBytes });
      data.destroy();
      await client.close();
      return sentBytes;
    }

    async function expectPartial(name: string, sentBytes: number): Promise<void> {
      await observe(async (client) => {
        await until(async () => (await shownSize(client, name)) === sentBytes);
        const { data } = await client.retrieve(`RETR ${name}`);
        expect(data.equals(content.subarray(0, sentBytes))).toBe(true);
        expect(await readFile(join(server.rootDir, 'anna', name), 'utf8')).toBe(BEFORE);
        await expectExactQuota(client, server.rootDir);
        await client.command(`REST ${sentBytes}`);
        const { closing } = await client.store(`STOR ${name}`, content.subarray(sentBytes));
        expect(closing.code).toBe(226);
        const stored = await readFile(join(server.rootDir, 'anna', name));
        expect(stored.equals(content)).toBe(true);
        await expectExactQuota(client, server.rootDir);
      });
    }

    const FAILURES: Readonly<Record<string, (upload: CutUpload) => Promise<void> | void>> = {
      'a reset of the data connection': async ({ client, data }) => {
        data.resetAndDestroy();
        expect((await client.reply()).code).toBe(426);
        expect((await client.command('NOOP')).code).toBe(200);
      },
      'a reset of both connections': ({ client, data }) => {
        data.resetAndDestroy();
        client.socket.resetAndDestroy();
      },
      'a reset of the control connection': ({ client }) => {
        client.socket.resetAndDestroy();
      },
      'the end of both connections, control first': ({ client, data }) => {
        client.socket.end();
        data.end();
      },
      'a half-closed control connection, then the end of the data': async ({ client, data }) => {
        client.socket.end();
        data.end();
        expect((await client.reply()).code).toBe(426);
        expect(await client.replyOrEnd()).toBeUndefined();
      },
      silence: async ({ client }) => {
        expect((await client.reply()).code).toBe(421);
        await until(() => client.socket.destroyed);
      },
    };

    for (const [failure, fail] of Object.entries(FAILURES)) {
      const isSilence = failure === 'silence';
      if (isSilence !== (kind === 'falls silent')) continue;
      const rounds = isSilence ? 1 : ROUNDS;
      test(`by ${failure} leaves a partial, the old file, an exact quota and no descriptor`, async () => {
        for (let round = 0; round < rounds; round += 1) {
          await expectPartial('file.bin', await cutOnce('file.bin', fail));
          await observe(async (client) => void (await client.command('DELE file.bin')));
        }
        await until(() => openFiles(server).length === 0);
        expect(await stagedFiles(stagingOf(server))).toEqual([]);
      });
    }

    if (kind === 'falls silent') return;

    test('an end of the data, with the control connection alive, is the end of the file', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const sentBytes = await cutOnce('whole.bin', async ({ client, data }) => {
          data.end();
          expect((await client.reply()).code).toBe(226);
        });
        const stored = await readFile(join(server.rootDir, 'anna/whole.bin'));
        expect(stored.equals(content.subarray(0, sentBytes))).toBe(true);
      }
      await observe((client) => expectExactQuota(client, server.rootDir));
      await until(() => openFiles(server).length === 0);
    });

    test('the control connection lost when the data are complete publishes nothing or all', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await cutOnce('complete.bin', ({ client, data }) => {
          data.end();
          client.socket.resetAndDestroy();
        });
      }
      await until(() => openFiles(server).length === 0);
      const stored = await readFile(join(server.rootDir, 'anna/complete.bin'));
      const isStart = content.subarray(0, stored.length).equals(stored);
      expect(isStart || stored.toString() === BEFORE).toBe(true);
      await observe((client) => expectExactQuota(client, server.rootDir));
    });
  },
);

const stagingOf = ({ rootDir }: TestServer) => join(rootDir, '.myftp-staging/1');

async function stagedSizes(server: TestServer): Promise<number[]> {
  const paths = await stagedFiles(stagingOf(server)).catch(() => []);
  const facts = paths.map((path) => lstat(path).catch(() => undefined));
  return (await Promise.all(facts)).map((stats) => stats?.size ?? -1);
}

/** Files of accounts. The server is in this process; its lock stays open. */
function openFiles({ rootDir }: TestServer): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const target = targetOf(descriptor);
    return target.startsWith(`${rootDir}/`) && !target.endsWith('/server.lock') ? [target] : [];
  });
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}
