import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ControlClient, ReceivedReply } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';
import { WorkerPool } from '../workers/worker-pool.ts';

const sha256 = (octets: string | Buffer) => createHash('sha256').update(octets).digest('hex');
const LARGE = randomBytes(9_000_001);

/** What the three lines of a receipt say. */
function receiptIn({ code, lines }: ReceivedReply) {
  expect([code, lines.length, lines[0]]).toEqual([226, 3, '226-Receipt:']);
  const [, digest, size, number] =
    /^ (?:SHA-256 ([0-9a-f]{64}) )?size (\d+) receipt (\d+)$/.exec(lines[1] ?? '') ?? [];
  return { digest, size: Number(size), number: Number(number) };
}

describe('OPTS RECEIPT', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { hashUploads: 'off' } });
    client = await server.signUp();
    await client.command('OPTS RECEIPT ON');
  });
  afterAll(() => server.dispose());

  const store = async (line: string, octets: string | Buffer) =>
    (await client.store(line, octets)).closing;

  test('is off at first, and off again after REIN', async () => {
    const own = await server.login();
    expect((await own.store('STOR plain', 'x')).closing.lines).toEqual(['226 Transfer complete.']);
    expect((await own.command('OPTS RECEIPT')).lines).toEqual(['200 RECEIPT OFF']);
    expect((await own.command('OPTS receipt on')).lines).toEqual(['200 RECEIPT ON']);
    await own.command('REIN');
    await own.login('anna', 'correct horse');
    expect((await own.store('STOR plain', 'x')).closing.lines).toEqual(['226 Transfer complete.']);
  });

  test.each([
    ['small', Buffer.from('hello')],
    ['empty', Buffer.alloc(0)],
    ['large', LARGE],
  ])('tells digest, size and number of an upload: %s', async (name, octets) => {
    const reply = await store(`STOR ${name}`, octets);
    expect(receiptIn(reply)).toMatchObject({ digest: sha256(octets), size: octets.length });
    expect(reply.lines[2]).toBe('226 Transfer complete.');
  });

  test('of an upload that carries on, they are those of the whole file', async () => {
    await store('STOR resumed', LARGE.subarray(0, 5_000_000));
    await client.command('REST 4500000');
    const rest = receiptIn(await store('STOR resumed', LARGE.subarray(4_500_000)));
    expect(rest).toMatchObject({ digest: sha256(LARGE), size: LARGE.length });
    const appended = receiptIn(await store('APPE resumed', 'more'));
    const whole = Buffer.concat([LARGE, Buffer.from('more')]);
    expect(appended).toMatchObject({ digest: sha256(whole), size: whole.length });
  });

  test('numbers grow', async () => {
    const first = receiptIn(await store('STOR a', 'a'));
    const second = receiptIn(await store('STOR a', 'a'));
    expect(second.number).toBe(first.number + 1);
  });

  test('of a download they are told, too, but no digest of a part', async () => {
    await store('STOR part', 'hello');
    const whole = receiptIn((await client.retrieve('RETR part')).closing);
    expect(whole).toMatchObject({ digest: sha256('hello'), size: 5 });
    await client.command('REST 2');
    const part = receiptIn((await client.retrieve('RETR part')).closing);
    expect(part).toMatchObject({ digest: undefined, size: 5 });
  });

  test('in TYPE A they are those of what is stored', async () => {
    await client.command('TYPE A');
    const upload = receiptIn(await store('STOR text', 'a\r\nb\r\n'));
    expect(upload).toMatchObject({ digest: sha256('a\nb\n'), size: 4 });
    const download = receiptIn((await client.retrieve('RETR text')).closing);
    expect(download).toMatchObject({ digest: sha256('a\nb\n'), size: 4 });
    await client.command('TYPE I');
  });

  test('STOU still tells the name in the last line', async () => {
    const { lines } = await store('STOU unique', 'x');
    expect(lines[2]).toMatch(/^226 Transfer complete; the name is unique\.[0-9a-f]{10}$/);
  });
});

test('numbers are never used twice, not even after a restart', async () => {
  const first = await TestServer.start();
  const before = await first.signUp();
  await before.command('OPTS RECEIPT ON');
  const { number } = receiptIn((await before.store('STOR a', 'a')).closing);
  await first.stop();
  const second = await TestServer.start({ directory: first.directory });
  const after = await second.login();
  await after.command('OPTS RECEIPT ON');
  const next = receiptIn((await after.store('STOR a', 'a')).closing).number;
  expect(next).toBeGreaterThan(number);
  await second.dispose();
});

test('without an audit trail there is no number', async () => {
  const server = await TestServer.start({ settings: { auditKeepMs: 0 } });
  const client = await server.signUp();
  await client.command('OPTS RECEIPT ON');
  const { lines } = (await client.store('STOR a', 'hello')).closing;
  expect(lines[1]).toBe(` SHA-256 ${sha256('hello')} size 5`);
  await server.dispose();
});

describe('--hash-uploads on', () => {
  test.each([
    ['small', Buffer.from('hello')],
    ['large', LARGE],
  ])('XSHA256 of a %s upload reads nothing again', async (name, octets) => {
    const server = await TestServer.start({ settings: { hashUploads: 'on' } });
    const client = await server.signUp();
    await client.store(`STOR ${name}`, octets);
    const start = jest.spyOn(WorkerPool.prototype, 'start');
    try {
      expect((await client.command(`XSHA256 ${name}`)).lines).toEqual([`250 ${sha256(octets)}`]);
      expect(start).not.toHaveBeenCalled();
      // Only a new time of the last change tells that the file may be another one, and clocks of file systems are coarse.
      const path = join(server.rootDir, 'anna', name);
      const { ctimeMs } = await stat(path);
      while ((await stat(path)).ctimeMs === ctimeMs) await client.command(`SITE CHMOD 600 ${name}`);
      expect((await client.command(`XSHA256 ${name}`)).lines).toEqual([`250 ${sha256(octets)}`]);
      expect(start).toHaveBeenCalledTimes(1);
    } finally {
      start.mockRestore();
      await server.dispose();
    }
  });
});
