import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { proftpd } from '../../bench/peers/proftpd.ts';
import { pureFtpd } from '../../bench/peers/pure-ftpd.ts';
import { vsftpd } from '../../bench/peers/vsftpd.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { FieldServer } from '../testing/field-server.ts';
import { CuttingProxy } from '../transfers/testing/cutting-proxy.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const PASSWORD = 'correct horse';

/** One side of a mirror. */
interface Side {
  readonly url: string;
  readonly password: string;
  readonly disk: string;
}

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());

function mirror(from: Side, to: Side, ...options: readonly string[]): Promise<Outcome> {
  const args = ['mirror', ...options, from.url, to.url, '--plain', '--password-stdin'];
  return client.run(args, { input: `${from.password}\n${to.password}\n` });
}

async function put(side: Side, name: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(side.disk, name)), { recursive: true });
  await writeFile(join(side.disk, name), content);
}

async function startOwn(): Promise<{ readonly server: TestServer; readonly side: Side }> {
  const server = await TestServer.start({ settings: { tls: 'off' } });
  await server.signUp('anna', PASSWORD);
  const url = `ftp://anna@127.0.0.1:${server.port}/`;
  return { server, side: { url, password: PASSWORD, disk: await server.makeHome('anna') } };
}

const found = await Promise.all(
  [vsftpd, pureFtpd, proftpd].map(async (kind) => ({ kind, installation: await kind.find() })),
);

for (const { kind, installation } of found) {
  if ('missing' in installation) {
    test.skip(`a mirror between MyFTP and ${kind.name}: ${installation.missing}`, () => {});
    continue;
  }
  describe(`between MyFTP and ${kind.name}`, () => {
    let own: Awaited<ReturnType<typeof startOwn>>;
    let peer: PeerServer;
    let there: Side;

    beforeEach(async () => {
      own = await startOwn();
      const { programPath } = installation;
      peer = await PeerServer.start(kind, { programPath, security: 'clear' });
      const url = `ftp://${peer.user}@127.0.0.1:${peer.port}/${WRITABLE}`;
      there = { url, password: peer.password, disk: join(peer.rootPath, WRITABLE) };
    });
    afterEach(async () => {
      await peer?.stop();
      await own?.server.dispose();
    });

    test('files come to MyFTP, and the second mirror finds nothing to do', async () => {
      const big = randomBytes(3_000_000);
      await put(there, 'big.bin', big);
      await put(there, 'sub/.hidden', 'hidden');
      await put(there, 'empty', '');
      await put(own.side, 'extra', 'extra');
      const first = await mirror(there, own.side, '--delete');
      expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('1 deleted') });
      expect(big.equals(await readFile(join(own.side.disk, 'big.bin')))).toBe(true);
      expect(await readdir(own.side.disk)).toEqual(['big.bin', 'empty', 'sub']);
      expect(await readFile(join(own.side.disk, 'sub/.hidden'), 'utf8')).toBe('hidden');
      const again = await mirror(there, own.side, '--delete');
      expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('3 unchanged') });
    });

    test('files of MyFTP come to it', async () => {
      const big = randomBytes(3_000_000);
      await put(own.side, 'big.bin', big);
      await put(own.side, '.hidden', 'hidden');
      await put(own.side, 'left.log', 'log');
      expect(await mirror(own.side, there, '--exclude', '*.log')).toMatchObject({ code: 0 });
      expect(big.equals(await readFile(join(there.disk, 'big.bin')))).toBe(true);
      expect(await readdir(there.disk)).toEqual(['.hidden', 'big.bin']);
    });
  });
}

describe('between two servers of MyFTP', () => {
  let a: Awaited<ReturnType<typeof startOwn>>;
  let b: Awaited<ReturnType<typeof startOwn>>;
  let proxy: CuttingProxy | undefined;

  beforeEach(async () => {
    a = await startOwn();
    b = await startOwn();
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
    await a?.server.dispose();
    await b?.server.dispose();
  });

  const through = (side: Side, { port }: CuttingProxy): Side => ({
    ...side,
    url: side.url.replace(/:\d+\//, `:${port}/`),
  });

  test('checksums are compared, times come along, and nothing is left on this disk', async () => {
    const big = randomBytes(20_000_000);
    await put(a.side, 'big.bin', big);
    await utimes(join(a.side.disk, 'big.bin'), 1_600_000_000, 1_600_000_000);
    const told = await mirror(a.side, b.side, '--dry-run');
    expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('would copy') });
    expect(await readdir(b.side.disk)).toEqual([]);
    const done = await mirror(a.side, b.side, '--json');
    expect(jsonLines(done).at(-1)).toMatchObject({ done: 1, unverified: 0, bytes: 20_000_000 });
    expect(big.equals(await readFile(join(b.side.disk, 'big.bin')))).toBe(true);
    expect((await stat(join(b.side.disk, 'big.bin'))).mtimeMs).toBe(1_600_000_000_000);
    expect(await mirror(a.side, b.side, '--checksum')).toMatchObject({
      stderr: expect.stringContaining('1 unchanged'),
    });
  });

  test('an empty source deletes nothing', async () => {
    await put(b.side, 'file', 'file');
    const outcome = await mirror(a.side, b.side, '--delete');
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('--delete-all') });
    expect(await readdir(b.side.disk)).toEqual(['file']);
  });

  test('a failure names the server that it is of', async () => {
    await put(a.side, 'file', randomBytes(100_000));
    await b.server.setQuota('anna', 1000);
    const full = await mirror(a.side, b.side);
    expect(full).toMatchObject({ code: 6, stderr: expect.stringMatching(named(b.side)) });
    const refusing = await FieldServer.start({
      answers: {
        RETR: (_, control) => {
          control.say('550 Permission denied.');
          return true;
        },
      },
    });
    refusing.tree.put('/file', 'file');
    const from = { url: refusing.url(), password: 'secret', disk: '' };
    const refused = await mirror(from, b.side);
    await refusing.close();
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringMatching(named(from)) });
    expect(refused.stderr).not.toMatch(named(b.side));
  });

  test('a source that ends early is never taken for whole', async () => {
    let retrievals = 0;
    const interruptSecond = () => {
      retrievals += 1;
      if (retrievals === 2) running.child.kill('SIGINT');
      return undefined;
    };
    const short = await FieldServer.start({ sendsAtMost: 5, answers: { RETR: interruptSecond } });
    short.tree.put('/file', 'longer than that');
    const running = client.start(
      ['mirror', short.url(), b.side.url, '--plain', '--password-stdin'],
      { input: `secret\n${PASSWORD}\n` },
    );
    const ended = await running.ended;
    await short.close();
    expect(ended.code).toBe(130);
    expect(await readdir(b.side.disk)).not.toContain('file');
  });

  test.each(['source', 'target'])('a transfer that was cut at the %s is resumed', async (cut) => {
    const big = randomBytes(8_000_000);
    await put(a.side, 'big.bin', big);
    const { server } = cut === 'source' ? a : b;
    proxy = await CuttingProxy.start({
      ...{ serverPort: server.port, cutsAfterBytes: [3_000_000], kills: 'all' },
    });
    const from = cut === 'source' ? through(a.side, proxy) : a.side;
    const to = cut === 'target' ? through(b.side, proxy) : b.side;
    const done = await mirror(from, to, '--json', '--jobs', '1');
    expect(jsonLines(done).at(-1)).toMatchObject({ done: 1, unverified: 0, exitCode: 0 });
    expect(proxy.cuts).toBe(1);
    expect(big.equals(await readFile(join(b.side.disk, 'big.bin')))).toBe(true);
  });

  test('many small files keep their order with several jobs', async () => {
    for (let at = 10; at < 60; at += 1) await put(a.side, `sub-${at % 3}/file-${at}`, `${at}`);
    const done = await mirror(a.side, b.side, '--json', '--jobs', '4');
    expect(jsonLines(done).at(-1)).toMatchObject({ done: 50, failed: 0 });
    const again = await mirror(a.side, b.side, '--json');
    expect(jsonLines(again).at(-1)).toMatchObject({ done: 0, unchanged: 50 });
  });

  function copyTree(...options: readonly string[]): Promise<Outcome> {
    const places = [`${a.side.url}tree`, b.side.url];
    const args = ['put', '-r', ...options, ...places, '--plain', '--password-stdin', '--json'];
    return client.run(args, { input: `${PASSWORD}\n${PASSWORD}\n` });
  }

  test('put copies files and directories', async () => {
    const big = randomBytes(1_000_000);
    await put(a.side, 'tree/big.bin', big);
    await put(a.side, 'tree/sub/file', 'file');
    expect((await copyTree('-n')).stdout.match(/"plan"/g)).toHaveLength(2);
    expect(jsonLines(await copyTree()).at(-1)).toMatchObject({ done: 2, unverified: 0 });
    expect(big.equals(await readFile(join(b.side.disk, 'tree/big.bin')))).toBe(true);
    expect(await readFile(join(b.side.disk, 'tree/sub/file'), 'utf8')).toBe('file');
  });

  test('put replaces nothing on its own, and resumes only a beginning', async () => {
    const big = randomBytes(1_000_000);
    await put(a.side, 'tree/big.bin', big);
    await put(a.side, 'tree/sub/file', 'file');
    await put(b.side, 'tree/big.bin', big.subarray(0, 600_000));
    await put(b.side, 'tree/sub/file', 'elif and more');
    expect(jsonLines(await copyTree()).at(-1)).toMatchObject({ done: 0, failed: 2 });
    const resumed = await copyTree('--resume');
    expect(jsonLines(resumed).at(-1)).toMatchObject({ done: 1, failed: 1, exitCode: 1 });
    expect(big.equals(await readFile(join(b.side.disk, 'tree/big.bin')))).toBe(true);
    expect(await readFile(join(b.side.disk, 'tree/sub/file'), 'utf8')).toBe('elif and more');
  });

  test('a file is not copied onto itself', async () => {
    await put(a.side, 'file', 'file');
    const args = ['put', '--overwrite', `${a.side.url}file`, `${a.side.url}file`];
    const outcome = await client.run([...args, '--plain', '--password-stdin'], { input: PASSWORD });
    expect(outcome.code).toBe(64);
    expect(await readFile(join(a.side.disk, 'file'), 'utf8')).toBe('file');
  });

  test('a directory is not copied into itself', async () => {
    await put(a.side, 'sub/file', 'file');
    const inside = { ...a.side, url: `${a.side.url}sub` };
    expect(await mirror(a.side, inside)).toMatchObject({ code: 64 });
  });
});

test('both certificates are trusted, and both connections encrypted', async () => {
  const settings = { tls: 'optional' } as const;
  const servers = [await TestServer.start({ settings }), await TestServer.start({ settings })];
  try {
    const sides: Side[] = [];
    for (const [index, server] of servers.entries()) {
      await server.signUp('anna', `${PASSWORD} ${index}`);
      const url = `ftp://anna@127.0.0.1:${server.port}/`;
      const disk = await server.makeHome('anna');
      sides.push({ url, password: `${PASSWORD} ${index}`, disk });
    }
    const [from, to] = sides as [Side, Side];
    await put(from, 'file', 'secret');
    const trust = servers.flatMap((server) => ['--trust', server.fingerprint256 ?? '']);
    const args = ['mirror', from.url, to.url, ...trust, '--password-stdin'];
    const outcome = await client.run(args, { input: `${from.password}\n${to.password}\n` });
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('SHA-256 equal') });
    expect(await readFile(join(to.disk, 'file'), 'utf8')).toBe('secret');
  } finally {
    for (const server of servers) await server.dispose();
  }
});

/** At the beginning of a message. */
function named({ url }: Side): RegExp {
  return new RegExp(`^myftp-tui: ${url.slice('ftp://'.length, -1)}: `, 'm');
}
