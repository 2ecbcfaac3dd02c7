import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { stagedFiles } from '../../server/testing/staged-files.ts';
import { octets } from '../clients/samples.ts';
import { until } from '../journeys/server-process.ts';
import { expectExactQuota, shownSize, usedBytes } from './disk-usage.ts';
import { FaultInjector } from './fault-injector.ts';
import { FaultyServer } from './faulty-server.ts';

const BEFORE = 'the version before';
const MIB = 1024 * 1024;

const injector = FaultInjector.compile();
afterAll(() => injector?.dispose());

if (injector === undefined) {
  test.skip('gcc or LD_PRELOAD is missing: no disk was made to fail', () => {});
} else {
  describe('a disk that fails', () => disksThatFail(injector));
  test('a disk without room for the database is told with 452, and costs nothing', () =>
    databaseWithoutRoom(injector));
}

async function databaseWithoutRoom(faults: FaultInjector): Promise<void> {
  const server = await FaultyServer.start({
    environment: (dataDir) => faults.environment(join(dataDir, 'myftp.db-wal')),
  });
  try {
    const client = await server.signUp('anna');
    await faults.set('write ENOSPC');
    const { closing } = await client.store('STOR file.bin', BEFORE);
    expect(closing.code).toBe(452);
    await faults.set();
    expect((await client.store('STOR file.bin', BEFORE)).closing.code).toBe(226);
    await expectExactQuota(client, join(server.directory, 'files'));
  } finally {
    await faults.set();
    await server.dispose();
  }
}

function disksThatFail(faults: FaultInjector): void {
  const content = octets(3 * MIB);
  let server: FaultyServer;
  let client: ControlClient;
  let root: string;

  beforeAll(async () => {
    server = await FaultyServer.start({
      environment: (dataDir) => faults.environment(join(dataDir, 'files')),
    });
    root = join(server.directory, 'files');
    await (await server.signUp('anna')).close();
  });
  afterAll(() => server.dispose());
  beforeEach(async () => {
    client = await server.login('anna');
    await client.store('STOR file.bin', BEFORE);
  });
  afterEach(async () => {
    await faults.set();
    await expectExactQuota(client, root);
    expect((await client.command('NOOP')).code).toBe(200);
    // Nothing is left for the next. Octets that were to be appended have no name, only an id.
    while ((await client.command('DELE file.bin')).code === 250);
    for (const id of await partialIds()) await client.command(`SITE PARTIALS DROP ${id}`);
    expect(await staged()).toEqual([]);
    await client.close();
    await until(() => server.openFiles(root).length === 0);
  });

  async function partialIds(): Promise<readonly string[]> {
    const { lines } = await client.command('SITE PARTIALS');
    return lines.flatMap((line) => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(line) ?? []);
  }

  const onDisk = (name: string) => readFile(join(root, 'anna', name));
  const staged = () => stagedFiles(join(root, '.myftp-staging/1'));

  async function expectVersionBefore(): Promise<void> {
    expect(String(await onDisk('file.bin'))).toBe(BEFORE);
  }

  /** What has come is there, and can be carried on. */
  async function expectResumable(): Promise<void> {
    const sizeBytes = (await shownSize(client, 'file.bin')) ?? -1;
    const { data } = await client.retrieve('RETR file.bin');
    expect(data.equals(content.subarray(0, sizeBytes))).toBe(true);
    await client.command(`REST ${sizeBytes}`);
    const { closing } = await client.store('STOR file.bin', content.subarray(sizeBytes));
    expect(closing.code).toBe(226);
    expect((await onDisk('file.bin')).equals(content)).toBe(true);
    expect(await usedBytes(client)).toBe(content.length);
  }

  test.each([
    ['write ENOSPC 4', 452],
    ['write EDQUOT 4', 452],
    ['write EIO 4', 451],
    ['rename EIO', 451],
    ['rename EACCES', 550],
  ])('under an upload (%s) is told with %i, and the upload can be resumed', async (rule, code) => {
    await faults.set(rule);
    const { closing } = await client.store('STOR file.bin', content);
    expect(closing.code).toBe(code);
    await faults.set();
    await expectVersionBefore();
    await expectExactQuota(client, root);
    await expectResumable();
  });

  test.each([
    ['write ENOSPC', 452],
    ['write EIO', 451],
    ['open ENOSPC', 452],
    ['open EIO', 451],
  ])('at the first octet (%s) is told with %i and leaves nothing', async (rule, code) => {
    // The directory of the session is opened before.
    await client.command('MLST file.bin');
    await faults.set(rule);
    const { closing } = await client.store('STOR file.bin', content.subarray(0, 100));
    expect(closing.code).toBe(code);
    await faults.set();
    await expectVersionBefore();
    expect(await staged()).toEqual([]);
    expect(await shownSize(client, 'file.bin')).toBe(BEFORE.length);
  });

  test('while a partial is carried on leaves it as it was', async () => {
    await faults.set('write ENOSPC 4');
    await client.store('STOR file.bin', content);
    const sizeBytes = await shownSize(client, 'file.bin');
    await faults.set('truncate EIO');
    await client.command(`REST ${sizeBytes}`);
    const { closing } = await client.store('STOR file.bin', content.subarray(sizeBytes));
    expect(closing.code).toBe(451);
    await faults.set();
    expect(await shownSize(client, 'file.bin')).toBe(sizeBytes);
    await expectVersionBefore();
    await expectExactQuota(client, root);
    await expectResumable();
  });

  test.each([
    ['write ENOSPC', 452],
    ['rename EIO', 451],
  ])('under APPE (%s) leaves the file as it was', async (rule, code) => {
    await faults.set(rule);
    const { closing } = await client.store('APPE file.bin', ' and more');
    expect(closing.code).toBe(code);
    await faults.set();
    await expectVersionBefore();
  });

  test('under STOU leaves nothing', async () => {
    await faults.set('rename EIO');
    const { closing } = await client.store('STOU', content);
    expect(closing.code).toBe(451);
    await faults.set();
    expect(await readdir(join(root, 'anna'))).toEqual(['file.bin']);
    expect(await staged()).toEqual([]);
  });

  test.each([
    ['DELE file.bin', 'unlink EIO', 451],
    ['MKD directory', 'mkdir ENOSPC', 452],
    ['RNTO other', 'rename EIO', 451],
    ['RNTO other', 'rename EACCES', 550],
  ])('under %s (%s) is told with %i and changes nothing', async (command, rule, code) => {
    if (command.startsWith('RNTO')) await client.command('RNFR file.bin');
    await faults.set(rule);
    expect((await client.command(command)).code).toBe(code);
    await faults.set();
    expect(await readdir(join(root, 'anna'))).toEqual(['file.bin']);
    await expectVersionBefore();
  });

  test('that is slow holds up nobody for good, and loses nothing', async () => {
    await faults.set('write slow-60', 'rename slow-200');
    const uploads = ['a', 'b', 'c'].map(async (name) => {
      const session = await server.login('anna');
      const { closing } = await session.store(`STOR ${name}.bin`, content);
      await session.close();
      return closing.code;
    });
    expect((await client.command('NOOP')).code).toBe(200);
    expect(await Promise.all(uploads)).toEqual([226, 226, 226]);
    await faults.set();
    for (const name of ['a', 'b', 'c']) {
      expect((await onDisk(`${name}.bin`)).equals(content)).toBe(true);
      await client.command(`DELE ${name}.bin`);
    }
  });

  test('does not mind a clock that jumps', async () => {
    const data = await client.openData();
    await client.command('STOR file.bin');
    data.write(content.subarray(0, MIB));
    for (const rule of ['clock 86400', 'clock -86400', 'clock 0']) {
      await faults.set(rule);
      expect((await client.command('STAT')).code).toBe(211);
      data.write(content.subarray(MIB, MIB + 1));
    }
    data.end(content.subarray(MIB));
    expect((await client.reply()).code).toBe(226);
    expect(await shownSize(client, 'file.bin')).toBe(content.length + 3);
  });
}
