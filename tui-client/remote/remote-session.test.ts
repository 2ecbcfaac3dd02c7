import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import { runningDigest } from './data/digests.ts';
import type { RemoteSession } from './remote-session.ts';
import { chunksOf, connectAnna, endlessSource, Gathered, namesIn } from './testing/test-site.ts';

const NAMES_FROM_HELL = [
  ' leading',
  'trailing  ',
  'two  blanks',
  `it's "quoted" ""`,
  'grüße 日本語 🙂',
  '-la',
  '.hidden',
  'back\\slash',
  'tab\there',
  'escape\u001b[31m',
  'bidi\u202egpj.exe',
  '100% #1;x=y',
  'star*[1]?',
  '~',
  'n'.repeat(255),
];

describe.each(['none', 'explicit', 'implicit'] as const)('TLS %s', (tls) => {
  let server: TestServer;
  let session: RemoteSession;
  const home = (path: string) => join(server.rootDir, 'anna', path);

  beforeAll(async () => {
    const settings = tls === 'none' ? {} : { tls: 'optional' as const, implicitPort: 0 };
    server = await TestServer.start({ settings });
    await server.signUp();
    const port = tls === 'implicit' ? server.implicitPort : server.port;
    session = await connectAnna(port, { tls });
  });
  afterAll(async () => {
    await session?.close();
    await server.dispose();
  });

  test('it is known how the connection is protected', () => {
    expect(session.isSecure).toBe(tls !== 'none');
    expect(session.protocol).toBe(tls === 'none' ? undefined : 'TLSv1.3');
    expect(session.fingerprint256).toBe(tls === 'none' ? undefined : server.fingerprint256);
  });

  test.each([0, 1, 4096, 3_000_000])('%i octets go there and back', async (sizeBytes) => {
    const content = randomBytes(sizeBytes);
    const path = `/there-${sizeBytes}.bin`;
    const moved: number[] = [];
    const receipt = await session.upload(path, {
      source: chunksOf(content),
      sizeBytes,
      onBytes: (bytes) => moved.push(bytes),
    });
    expect(receipt.message).toMatch(/^(226|250) /);
    expect(moved.at(-1) ?? 0).toBe(sizeBytes);
    expect(content.equals(await readFile(home(path)))).toBe(true);
    const gathered = new Gathered();
    await session.download(path, { sink: gathered.sink });
    expect(content.equals(gathered.octets)).toBe(true);
  });

  test('transfers begin at an offset, in both directions', async () => {
    const content = randomBytes(500_000);
    await session.upload('/resumed.bin', { source: chunksOf(content.subarray(0, 200_000)) });
    await session.upload('/resumed.bin', {
      offsetBytes: 200_000,
      source: chunksOf(content.subarray(200_000)),
    });
    expect(content.equals(await readFile(home('resumed.bin')))).toBe(true);
    const gathered = new Gathered();
    await session.download('/resumed.bin', { offsetBytes: 123_456, sink: gathered.sink });
    expect(content.subarray(123_456).equals(gathered.octets)).toBe(true);
  });

  test('names from hell are made, listed, looked at, renamed and removed', async () => {
    await session.place.makeDirectory('/hell');
    for (const name of NAMES_FROM_HELL) {
      await session.upload(`/hell/${name}`, { source: chunksOf(Buffer.from(name)) });
      expect(await session.place.stat(`/hell/${name}`)).toMatchObject({ name, kind: 'file' });
    }
    expect(await namesIn(session, '/hell')).toEqual([...NAMES_FROM_HELL].sort());
    for (const name of NAMES_FROM_HELL) {
      await session.place.rename(`/hell/${name}`, '/hell/other name');
      await session.place.rename('/hell/other name', `/hell/${name}`);
      const gathered = new Gathered();
      await session.download(`/hell/${name}`, { sink: gathered.sink });
      expect(gathered.octets.toString()).toBe(name);
    }
    await session.place.remove('/hell');
    expect(await readdir(home(''))).not.toContain('hell');
  });

  test('a line break in a name reaches no command line', async () => {
    const attempt = session.place.remove('/x\r\nDELE /there-1.bin');
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
    expect(await session.place.stat('/there-1.bin')).toBeDefined();
  });

  test('directories are made with their parents, and what exists is fine', async () => {
    await session.place.makeDirectory('/deep/er/and deeper');
    await session.place.makeDirectory('/deep/er/and deeper');
    expect(await session.place.stat('/deep/er/and deeper')).toMatchObject({ kind: 'directory' });
    await writeFile(home('in-the-way'), '');
    const attempt = session.place.makeDirectory('/in-the-way/sub');
    await expect(attempt).rejects.toMatchObject({ name: 'Failure' });
  });

  test('a tree is removed entry by entry, and links in it are not followed', async () => {
    await mkdir(home('tree/sub/empty'), { recursive: true });
    await mkdir(home('kept'), { recursive: true });
    await writeFile(home('kept/file'), 'kept');
    await writeFile(home('tree/sub/file'), '');
    await symlink('../kept', home('tree/link'));
    const counts: number[] = [];
    await session.place.remove('/tree', { onRemoved: (count) => counts.push(count) });
    expect(counts).toEqual([1, 2, 3, 4, 5]);
    expect(await readFile(home('kept/file'), 'utf8')).toBe('kept');
  });

  test('entries tell kind, size, time, mode', async () => {
    await mkdir(home('facts/sub'), { recursive: true });
    await writeFile(home('facts/file'), '12345');
    await chmod(home('facts/file'), 0o640);
    expect(await session.place.setModified('/facts/file', 1_500_000_000_000)).toBe(true);
    const facts = { kind: 'file', sizeBytes: 5, modifiedMs: 1_500_000_000_000, mode: 0o640 };
    expect(await session.place.stat('/facts/file')).toMatchObject({ name: 'file', ...facts });
    expect(await session.place.stat('/facts/none')).toBeUndefined();
    expect(await session.place.stat('/')).toMatchObject({ kind: 'directory' });
    expect(await namesIn(session, '/facts')).toEqual(['file', 'sub']);
  });

  test.each(['SHA-512', 'SHA-256', 'SHA-1', 'MD5', 'CRC32'] as const)(
    'the server computes %s, of a part too',
    async (algorithm) => {
      const content = randomBytes(100_000);
      await session.upload('/digest me.bin', { source: chunksOf(content) });
      const whole = runningDigest(algorithm);
      whole.update(content);
      expect(await session.place.digest('/digest me.bin', algorithm)).toBe(whole.hex());
      const part = runningDigest(algorithm);
      part.update(content.subarray(1000, 2000));
      const range = { startBytes: 1000, endBytes: 2000 };
      const request = { path: '/digest me.bin', algorithm, range };
      expect(await session.place.digestOf(request)).toBe(part.hex());
      expect(session.algorithm).toBe('SHA-256');
    },
  );

  test.each([
    ['list', () => namesIn(session, '/none')],
    ['download', () => session.download('/none', { sink: () => undefined })],
    ['digest', () => session.place.digest('/none', 'SHA-256')],
    ['remove', () => session.place.remove('/none')],
    ['rename', () => session.place.rename('/none', '/other')],
  ] as const)('%s of what is missing says so', async (_name, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ name: 'Failure', kind: 'missing', code: 550 });
  });

  test('tells the quota and the beginning of a text', async () => {
    const { freeBytes, usedBytes = -1, limitBytes } = (await session.quota()) ?? {};
    expect(limitBytes).toBe(1024 ** 3);
    expect(freeBytes).toBe(1024 ** 3 - usedBytes);
    await session.upload('/text', { source: chunksOf(Buffer.from('grüße '.repeat(50_000))) });
    const { text, isCut } = await session.readText('/text', 1000);
    expect([Buffer.byteLength(text), isCut]).toEqual([1000, true]);
    expect(await session.readText('/there-1.bin', 1000)).toMatchObject({ isCut: false });
  });

  test('commands that are given at once wait for each other', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `/parallel-${at}`);
    await Promise.all(
      names.map((name) => session.upload(name, { source: chunksOf(Buffer.from(name)) })),
    );
    const sizes = await Promise.all(names.map((name) => session.place.stat(name)));
    expect(sizes.map((entry) => entry?.sizeBytes)).toEqual(names.map((name) => name.length));
  });

  test('100 aborted transfers leave the session in step', async () => {
    await session.upload('/big.bin', { source: chunksOf(Buffer.alloc(2_000_000)) });
    for (let round = 0; round < 50; round += 1) {
      for (const direction of ['up', 'down'] as const) {
        const stop = new AbortController();
        const reason = new Error(`stop ${round}`);
        const onBytes = (moved: number) => {
          if (moved > round * 10_000) stop.abort(reason);
        };
        const options = { signal: stop.signal, onBytes };
        const attempt =
          direction === 'up'
            ? session.upload('/cut.bin', { ...options, source: endlessSource() })
            : session.download('/big.bin', { ...options, sink: () => undefined });
        await attempt.then(
          () => expect(direction).toBe('down'),
          (error: unknown) => expect(error).toBe(reason),
        );
      }
      expect(await session.workingDirectory()).toBe('/');
    }
    expect(await session.command('STAT')).toMatchObject({ code: 211 });
  });

  test('an aborted upload does not look whole', async () => {
    const stop = new AbortController();
    const onBytes = (moved: number) => moved > 1_000_000 && stop.abort(new Error('stop'));
    const source = endlessSource();
    const options = {
      source,
      signal: stop.signal,
      onBytes: (moved: number) => void onBytes(moved),
    };
    await expect(session.upload('/partial.bin', options)).rejects.toThrow('stop');
    expect(await readdir(home(''))).not.toContain('partial.bin');
    expect(await session.place.stat('/partial.bin')).toMatchObject({ isPartial: true });
    await session.place.remove('/partial.bin');
  });

  test('what exceeds the quota is refused in the words of the server', async () => {
    await server.setQuota('anna', 40_000_000);
    const attempt = session.upload('/too much', { source: endlessSource() });
    await expect(attempt).rejects.toMatchObject({ kind: 'space', code: 552 });
    await expect(
      session.upload('/too much', { source: chunksOf(Buffer.alloc(9)), sizeBytes: 9e9 }),
    ).rejects.toMatchObject({ kind: 'space', code: 552 });
    await server.setQuota('anna', 1024 ** 3);
    expect(await session.workingDirectory()).toBe('/');
    await session.place.remove('/too much');
  });

  test('a lost connection is made again, unseen', async () => {
    const events: string[] = [];
    session.on('lost', () => events.push('lost'));
    session.on('restored', () => events.push('restored'));
    const lost = new Promise((resolve) => session.on('lost', resolve));
    await session.command('QUIT');
    await lost;
    expect(await namesIn(session, '/facts')).toEqual(['file', 'sub']);
    expect(events).toEqual(['lost', 'restored']);
  });

  test('a password can be changed', async () => {
    await expect(session.changePassword('wrong', 'battery staple')).rejects.toMatchObject({
      kind: 'login',
    });
    await session.changePassword('correct horse', 'battery staple');
    const another = await session.openAnother();
    expect(await another.workingDirectory()).toBe('/');
    await another.close();
    await session.changePassword('battery staple', 'correct horse');
  });
});
