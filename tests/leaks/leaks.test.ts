import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../db/open-database.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { freeRange } from '../../server/testing/free-range.ts';
import { stagedFiles } from '../../server/testing/staged-files.ts';
import { TestServer } from '../../server/testing/test-server.ts';

const MAX_SESSIONS = 8;

const MIB = 1024 * 1024;

/** Server and clients share the process: what either leaves behind is seen. */
describe('nothing is left behind', () => {
  let server: TestServer;

  beforeAll(async () => {
    // Few passive ports: they are opened as they are needed, and stay.
    const pasvRange = await freeRange(16);
    server = await TestServer.start({
      settings: { pasvRange, maxSessions: MAX_SESSIONS, maxSessionsPerUser: MAX_SESSIONS },
    });
    const client = await server.signUp();
    await client.store('STOR large', Buffer.alloc(8 * MIB, 'large'));
    await client.store('STOR small', 'small');
    for (let index = 0; index < 200; index += 1) await client.command(`MKD d${index}`);
    await client.close();
  });
  afterAll(() => server.dispose());

  test('by 1,000 aborted transfers', async () => {
    await abortTransfers(server, 100);
    const before = await measure();
    await abortTransfers(server, 1000);
    await expectNoGrowth(before);
    await expectKnownPartialsOnly(server);
    await expectRoomForSessions(server);
  });

  test('by 500 logins and logouts', async () => {
    await logInAndOut(server, 50);
    const before = await measure();
    await logInAndOut(server, 500);
    await expectNoGrowth(before);
    await expectRoomForSessions(server);
  });

  test('by 500 PASV that nobody follows', async () => {
    const client = await logIn(server);
    await client.command('PASV');
    const before = await measure();
    for (let round = 0; round < 500; round += 1) {
      expect((await client.command('PASV')).code).toBe(227);
    }
    await client.close();
    // The range of ports that are open for all sessions has a size of its own.
    await expectNoGrowth({ ...before, descriptors: before.descriptors + 16 });
    await expectRoomForSessions(server);
  });
});

/** A session of its own, as soon as those that have been left are over. */
async function logIn({ port }: TestServer): Promise<ControlClient> {
  const endMs = Date.now() + 30_000;
  for (;;) {
    const client = await ControlClient.open(port);
    const user = await client.command('USER anna').catch(() => undefined);
    if (user?.code === 331) {
      expect((await client.command('PASS correct horse')).code).toBe(230);
      await client.command('TYPE I');
      return client;
    }
    if (Date.now() > endMs) throw new Error('sessions that are over are still counted');
  }
}

const VERBS = ['RETR large', 'STOR a', 'LIST', 'APPE b', 'RETR small', 'MLSD', 'REST 3', 'STOU'];
const CUTS = [
  'ABOR',
  'reset of data',
  'reset of control',
  'end of control',
  'never opened',
] as const;

/** Cuts transfers of all kinds in all ways. */
async function abortTransfers(server: TestServer, times: number): Promise<void> {
  let client = await logIn(server);
  for (let round = 0; round < times; round += 1) {
    const verb = VERBS[round % VERBS.length] ?? '';
    const cut = CUTS[Math.floor(round / VERBS.length) % CUTS.length] ?? 'ABOR';
    if (verb === 'REST 3') await client.command('REST 3');
    await abortTransfer(client, verb === 'REST 3' ? 'STOR small' : verb, cut);
    if (client.socket.destroyed) client = await logIn(server);
  }
  await client.close();
}

async function abortTransfer(
  client: ControlClient,
  command: string,
  cut: (typeof CUTS)[number],
): Promise<void> {
  if (cut === 'never opened') {
    await client.command('EPSV');
    await client.command(command);
    await abort(client);
    return;
  }
  const data = await client.openData();
  data.pause();
  await client.command(command);
  data.write('octets');
  if (cut === 'reset of control') client.socket.resetAndDestroy();
  else if (cut === 'end of control') await client.close();
  else if (cut === 'ABOR') await abort(client);
  else {
    data.resetAndDestroy();
    await client.reply();
  }
  data.destroy();
}

/** The transfer's reply comes first. It may have been sent before ABOR came. */
async function abort(client: ControlClient): Promise<void> {
  client.send('ABOR\r\n');
  await client.reply();
  await client.reply();
}

async function logInAndOut(server: TestServer, times: number): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    const client = await logIn(server);
    if (round % 3 === 0) await client.command('QUIT');
    if (round % 3 === 1) await client.command('REIN');
    // In the middle of a login.
    if (round % 5 === 0) client.send('USER anna\r\nPASS correct horse\r\n');
    if (round % 2 === 0) client.socket.resetAndDestroy();
    await client.close();
  }
}

interface Measurement {
  readonly descriptors: number;
  readonly heapBytes: number;
}

async function measure(): Promise<Measurement> {
  const descriptors = await settledDescriptors();
  collectGarbage();
  return { descriptors, heapBytes: process.memoryUsage().heapUsed };
}

/** Connections close a moment after their clients have left: waits until no more do. */
async function settledDescriptors(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 20; unchanged += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { length } = readdirSync('/proc/self/fd');
    if (length < least) {
      least = length;
      unchanged = 0;
    }
  }
  return least;
}

async function expectNoGrowth(before: Measurement): Promise<void> {
  const after = await measure();
  const grownBytes = after.heapBytes - before.heapBytes;
  const figures = `descriptors ${before.descriptors} > ${after.descriptors}, heap ${Math.round(grownBytes / 1024)} KiB more`;
  process.stdout.write(`${expect.getState().currentTestName}: ${figures}\n`);
  // A thread that starts meanwhile opens five. The rarest kind of 1,000 transfers would leave more behind.
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 16);
  expect(grownBytes).toBeLessThan(4 * MIB);
}

async function expectKnownPartialsOnly({ rootDir, settings }: TestServer): Promise<void> {
  const database = openDatabase(join(settings.dataDir, 'myftp.db'));
  const known = (await new PartialRepository(database.queries).listAll()).map(({ id }) => id);
  await database.close();
  const staged = (await stagedFiles(join(rootDir, '.myftp-staging', '1'))).map((path) =>
    basename(path),
  );
  expect(staged.sort()).toEqual(known.sort());
}

/** Every session that was counted has been given back: as many as may be can be opened again. */
async function expectRoomForSessions(server: TestServer): Promise<void> {
  const clients: ControlClient[] = [];
  for (let index = 0; index < MAX_SESSIONS; index += 1) clients.push(await logIn(server));
  const codes = await Promise.all(
    clients.map(async (client) => (await client.command('NOOP')).code),
  );
  expect(codes).toEqual(clients.map(() => 200));
  await Promise.all(clients.map((client) => client.close()));
}

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();
