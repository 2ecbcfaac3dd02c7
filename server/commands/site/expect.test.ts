import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../testing/control-client.ts';
import { TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let client: ControlClient;

beforeAll(async () => {
  server = await TestServer.start({ settings: { hashUploads: 'off' } });
  client = await server.signUp();
});
afterAll(() => server.dispose());

const onDisk = (name: string) => readFile(join(server.rootDir, 'anna', name));
const sha256 = (octets: string | Buffer) => createHash('sha256').update(octets).digest('hex');
const code = async (line: string) => (await client.command(line)).code;
const line = async (command: string) => (await client.command(command)).lines[0];
const store = async (command: string, octets: string | Buffer) =>
  (await client.store(command, octets)).closing;

describe('SITE EXPECT', () => {
  test.each([
    ['CRC32', crc32('hello').toString(16).padStart(8, '0')],
    ['md5', createHash('md5').update('hello').digest('hex')],
    ['SHA-1', createHash('sha1').update('hello').digest('hex')],
    ['SHA-256', sha256('hello').toUpperCase()],
    ['SHA-512', createHash('sha512').update('hello').digest('hex')],
  ])('%s: what is expected is put in place', async (algorithm, digest) => {
    expect(await code(`SITE EXPECT ${algorithm} ${digest} 5`)).toBe(200);
    expect((await store(`STOR ${algorithm}`, 'hello')).code).toBe(226);
    expect((await onDisk(algorithm)).toString()).toBe('hello');
  });

  test('of the right size and another digest: 550 tells both, and what came is a partial', async () => {
    await store('STOR wrong', 'what was there');
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello')} 5`);
    const { code: refused, lines } = await store('STOR wrong', 'hallo');
    expect(refused).toBe(550);
    expect(lines[0]).toContain(`expected SHA-256 ${sha256('hello')}`);
    expect(lines[0]).toContain(`received ${sha256('hallo')}`);
    expect((await onDisk('wrong')).toString()).toBe('what was there');
    expect(await line('SIZE wrong')).toBe('213 5');
    expect((await onDisk('wrong')).length).toBe(14);
  });

  test('of another size: 550 tells both sizes, and the rest can follow', async () => {
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello, hello')} 12`);
    const { code: refused, lines } = await store('STOR short', 'hello');
    expect([refused, lines[0]]).toEqual([550, expect.stringContaining('expected 12 bytes')]);
    expect(lines[0]).toContain('received 5.');
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello, hello')} 12`);
    await client.command('REST 5');
    expect((await store('STOR short', ', hello')).code).toBe(226);
    expect((await onDisk('short')).toString()).toBe('hello, hello');
  });

  test('is about the whole file for APPE, too', async () => {
    await store('STOR appended', 'one');
    await client.command(`SITE EXPECT MD5 ${createHash('md5').update('onetwo').digest('hex')}`);
    expect((await store('APPE appended', 'two')).code).toBe(226);
    await client.command(`SITE EXPECT MD5 ${createHash('md5').update('two').digest('hex')}`);
    expect((await store('APPE appended', 'two')).code).toBe(550);
    expect((await onDisk('appended')).toString()).toBe('onetwo');
  });

  test('a STOU that is not met leaves nothing', async () => {
    const before = await readdir(join(server.rootDir, 'anna'));
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello')}`);
    expect((await store('STOU unique', 'hallo')).code).toBe(550);
    expect(await readdir(join(server.rootDir, 'anna'))).toEqual(before);
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello')}`);
    expect((await store('STOU unique', 'hello')).code).toBe(226);
  });

  test('a large file is hashed by a worker thread', async () => {
    const octets = randomBytes(20_000_003);
    await client.command(`SITE EXPECT SHA-256 ${sha256(octets)} ${octets.length}`);
    expect((await store('STOR large', octets)).code).toBe(226);
    await client.command(`SITE EXPECT CRC32 ${'0'.repeat(8)}`);
    expect((await store('STOR large', octets.subarray(1))).code).toBe(550);
    expect(sha256(await onDisk('large'))).toBe(sha256(octets));
  });

  test('an empty file has a digest, too', async () => {
    await client.command(`SITE EXPECT SHA-256 ${sha256('')} 0`);
    expect((await store('STOR empty', '')).code).toBe(226);
  });

  test('binds one upload only', async () => {
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello')}`);
    expect((await store('STOR once', 'hallo')).code).toBe(550);
    expect((await store('STOR once', 'hallo')).code).toBe(226);
  });

  test.each(['RETR once', 'NLST', 'MLSD', 'LIST'])('is forgotten by %s', async (command) => {
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello')}`);
    await client.retrieve(command);
    expect((await store('STOR other', 'hallo')).code).toBe(226);
  });

  test.each(['REIN', 'USER anna'])('is forgotten by %s', async (command) => {
    const own = await server.login();
    await own.command(`SITE EXPECT SHA-256 ${sha256('hello')}`);
    await own.command(command);
    await own.login('anna', 'correct horse');
    expect((await own.store('STOR forgotten', 'hallo')).closing.code).toBe(226);
  });

  test('an upload in TYPE A is refused before it is sent', async () => {
    await client.command(`SITE EXPECT SHA-256 ${sha256('hello')}`);
    await client.command('TYPE A');
    expect((await client.store('STOR text', 'hello')).opening.code).toBe(504);
    await client.command('TYPE I');
    expect((await store('STOR text', 'other')).code).toBe(226);
  });

  test.each([
    'SHA-256',
    'SHA-256 abc',
    `SHA-256 ${'x'.repeat(64)}`,
    `MD4 ${'0'.repeat(32)}`,
    `MD5 ${'0'.repeat(64)}`,
    `MD5 ${'0'.repeat(32)} many`,
    `MD5 ${'0'.repeat(32)} -1`,
    `MD5 ${'0'.repeat(32)} 9007199254740992`,
    `MD5 ${'0'.repeat(32)} 1 2`,
  ])('%s is 501', async (argument) => {
    expect(await code(`SITE EXPECT ${argument}`)).toBe(501);
  });

  test('an upload that is cut is resumed under the same expectation', async () => {
    const octets = randomBytes(9_000_000);
    const expected = `SITE EXPECT SHA-256 ${sha256(octets)} ${octets.length}`;
    await client.command(expected);
    const data = await client.openData();
    expect(await code('STOR cut')).toBe(150);
    data.write(octets.subarray(0, 5_000_000));
    while (!(await client.command('STAT')).lines.join().includes(': 5000000 bytes'));
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    await client.command(expected);
    const keptBytes = Number((await line('SIZE cut'))?.slice(4));
    expect(keptBytes).toBeGreaterThan(0);
    await client.command(`REST ${keptBytes}`);
    expect((await store('STOR cut', octets.subarray(keptBytes))).code).toBe(226);
    expect(sha256(await onDisk('cut'))).toBe(sha256(octets));
  });
});
