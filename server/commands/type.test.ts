import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

/** Longer than every buffer, with line ends in all places. */
const LINES = Array.from({ length: 40_000 }, (_, index) => 'x'.repeat(index % 97)).join('\n');

describe('TYPE', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR lines', LINES);
  });
  beforeEach(() => client.command('TYPE I'));
  afterAll(() => server.dispose());

  const onDisk = (name: string) => readFile(join(server.rootDir, 'anna', name));

  test('a session begins in TYPE A (RFC 959 §3.1.1)', async () => {
    const other = await server.connect();
    await other.command('USER anna');
    await other.command('PASS correct horse');
    expect((await other.command('STAT')).lines.join('\n')).toContain('TYPE A');
    expect((await other.command('SIZE lines')).code).toBe(550);
  });

  test('RETR in TYPE A sends CRLF for LF, across all borders of buffers', async () => {
    await client.command('TYPE A');
    const { data, closing } = await client.retrieve('RETR lines');
    expect(closing.code).toBe(226);
    expect(data.toString() === LINES.replaceAll('\n', '\r\n')).toBe(true);
  });

  test('RETR in TYPE A sends CRLF on disk as it is, across all borders of buffers', async () => {
    const text = LINES.replaceAll('\n', '\r\n');
    await client.store('STOR windows', text);
    await client.command('TYPE A');
    const { data } = await client.retrieve('RETR windows');
    expect(data.toString() === text).toBe(true);
  });

  test('STOR in TYPE A stores LF for CRLF, across all borders of buffers', async () => {
    await client.command('TYPE A');
    const { closing } = await client.store('STOR text', LINES.replaceAll('\n', '\r\n'));
    expect(closing.code).toBe(226);
    expect((await onDisk('text')).toString() === LINES).toBe(true);
  });

  test('a CR at the very end is kept', async () => {
    await client.command('TYPE A');
    await client.store('STOR cr', 'a\r\nb\r');
    expect((await onDisk('cr')).toString()).toBe('a\nb\r');
  });

  test.each([
    ['A', 200],
    ['A N', 200],
    ['AN', 200],
    ['I', 200],
    ['i n', 200],
    ['L 8', 200],
    ['L8', 200],
    ['L  8 ', 200],
    ['L 7', 504],
    ['L16', 504],
    ['A T', 504],
    ['I C', 504],
    ['E', 504],
    ['E N', 504],
    ['L', 501],
    ['B', 501],
    ['A X', 501],
  ])('TYPE %s is %i', async (argument, code) => {
    expect((await client.command(`TYPE ${argument}`)).code).toBe(code);
  });

  test('in TYPE I octets are octets', async () => {
    const octets = Buffer.concat([Buffer.from('\r\n\n\r\0\xff'), randomBytes(3_000_000)]);
    await client.store('STOR octets', octets);
    expect((await onDisk('octets')).equals(octets)).toBe(true);
    expect((await client.retrieve('RETR octets')).data.equals(octets)).toBe(true);
  });

  test('APPE in TYPE A translates what it appends', async () => {
    await client.store('STOR appended', 'a\r\n');
    await client.command('TYPE A');
    await client.store('APPE appended', 'b\r\n');
    expect((await onDisk('appended')).toString()).toBe('a\r\nb\n');
  });

  test('listings have CRLF in every type', async () => {
    for (const type of ['A', 'I']) {
      await client.command(`TYPE ${type}`);
      const { data } = await client.retrieve('NLST');
      expect(data.toString()).toMatch(/^([^\r\n]+\r\n)+$/);
    }
  });

  test('the quota counts what is on disk', async () => {
    const before = await used();
    await client.command('TYPE A');
    await client.store('STOR counted', 'a\r\nb\r\n');
    expect((await used()) - before).toBe(4);
  });

  test('SIZE in TYPE A is 550', async () => {
    await client.command('TYPE A');
    expect((await client.command('SIZE lines')).code).toBe(550);
  });

  test('REST in TYPE A is 504, except to the start', async () => {
    await client.command('TYPE A');
    expect((await client.command('REST 5')).code).toBe(504);
    expect((await client.command('REST 0')).code).toBe(350);
  });

  test.each(['RETR lines', 'STOR lines'])(
    'REST before TYPE A does not get round: %s',
    async (line) => {
      await client.command('REST 5');
      await client.command('TYPE A');
      expect((await client.command(line)).code).toBe(504);
    },
  );

  async function used(): Promise<number> {
    return Number(/^200 (\d+)/.exec((await client.command('SITE QUOTA')).lines[0] ?? '')?.[1]);
  }
});
