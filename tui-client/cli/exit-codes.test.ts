import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { CuttingProxy } from '../transfers/testing/cutting-proxy.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const PASSWORD = 'correct horse';

let client: ClientProgram;
let server: TestServer;
let home: string;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
beforeEach(async () => {
  server = await TestServer.start({ settings: { tls: 'optional' } });
  await server.signUp('anna', PASSWORD);
  home = await server.makeHome('anna');
});
afterEach(() => server.dispose());

const url = (path = '/', port = server.port) => `ftp://anna@127.0.0.1:${port}${path}`;

function run(args: readonly string[], input = PASSWORD): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input });
}

describe('wrong usage ends with 64:', () => {
  test.each([
    ['an unknown command', ['lss', 'x'], /Unknown command "lss"/],
    ['an unknown option', ['ls', '--colour', 'work:'], /unknown option/],
    ['a missing argument', ['ls'], /missing required argument/],
    ['a local path where there should be a site', ['ls', './x'], /is not a place on a server/],
    ['a site that is not bookmarked', ['ls', 'nowhere:'], /Unknown site "nowhere"/],
    [
      'a password in a URL',
      ['ls', 'ftp://anna:hunter2@127.0.0.1/'],
      /A password in a URL is visible/,
    ],
    ['two policies', ['put', '--skip', '--newer', 'a', 'work:'], /cannot be used with/],
    ['no terminal for the screens', [], /requires a terminal/],
    ['a proxy for no site', ['--proxy', 'socks5://h'], /--proxy requires a site or URL/],
    ['no terminal to ask for a password', ['ls', '--plain'], /Use --password-stdin/],
  ])('%s', async (_, args, reason) => {
    const isLast = args.includes('--plain');
    const outcome = await client.run(isLast ? [...args, url()] : args);
    expect([outcome.code, outcome.stderr]).toEqual([64, expect.stringMatching(reason)]);
    expect(outcome.stderr).not.toContain('hunter2');
  });
});

test('0 is for help and version', async () => {
  const [help, version] = [await client.run(['put', '--help']), await client.run(['--version'])];
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('--resume')]);
  expect([version.code, version.stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
});

test('1: some of several files failed, and the others came over', async () => {
  await writeFile(join(home, 'a.txt'), 'there');
  for (const name of ['a.txt', 'b.txt']) await client.write(name, 'x');
  const outcome = await run(['put', '--json', 'a.txt', 'missing.txt', 'b.txt', url()]);
  expect(outcome.code).toBe(1);
  expect(jsonLines(outcome).at(-1)).toMatchObject({ type: 'summary', done: 1, failed: 2 });
});

test('2: nobody listens', async () => {
  const outcome = await run(['ls', url('/', await freePort())]);
  expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringContaining('No connection')]);
});

test('3: a wrong password, which is sent once', async () => {
  const outcome = await run(['ls', url('/a'), url('/b')], 'wrong');
  expect([outcome.code, outcome.stderr]).toEqual([3, expect.stringContaining('530')]);
  expect(outcome.stderr.match(/530/g)).toHaveLength(1);
  const json = jsonLines(await run(['ls', '--json', url('/')], 'wrong'));
  expect(json).toEqual([expect.objectContaining({ type: 'failure', kind: 'login', code: 530 })]);
});

describe('4:', () => {
  test('a certificate that is not trusted, with its fingerprint, before any password', async () => {
    const outcome = await client.run(['ls', url(), '--password-stdin', '-v'], { input: PASSWORD });
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain(`--trust ${server.fingerprint256}`);
    expect(outcome.stderr).not.toContain('USER');
  });

  test('another certificate than the one that --trust names', async () => {
    const args = ['ls', url(), '--password-stdin', '--trust', 'ab'.repeat(32)];
    const outcome = await client.run(args, { input: PASSWORD });
    expect([outcome.code, outcome.stderr]).toEqual([
      4,
      expect.stringContaining('does not match --trust'),
    ]);
  });

  test('TLS that the server does not offer, with what to do about it', async () => {
    const plain = await TestServer.start({ settings: { tls: 'off' } });
    try {
      const args = ['ls', url('/', plain.port), '--password-stdin'];
      const outcome = await client.run(args, { input: PASSWORD });
      expect([outcome.code, outcome.stderr]).toEqual([4, expect.stringContaining('Use --plain')]);
    } finally {
      await plain.dispose();
    }
  });
});

test.each([
  ['ls', ['ls']],
  ['cat', ['cat']],
  ['get', ['get']],
  ['rm', ['rm']],
  ['hash', ['hash']],
])('5: %s of what is not there', async (_, args) => {
  const outcome = await run([...args, url('/none/such')]);
  expect([outcome.code, outcome.stderr]).toEqual([5, expect.stringContaining('no such file')]);
});

test('6: the quota is used up, in the words of the server', async () => {
  await server.setQuota('anna', 1000);
  await client.write('big.bin', Buffer.alloc(5000));
  const outcome = await run(['put', 'big.bin', url()]);
  expect([outcome.code, outcome.stderr]).toEqual([6, expect.stringContaining('552')]);
});

test('7: the server has something else than what was sent', async () => {
  await client.write('a.txt', 'right');
  const liar = await startLiar(server.port);
  try {
    const outcome = await run(['put', 'a.txt', url('/', liar.port)]);
    expect([outcome.code, outcome.stderr]).toEqual([7, expect.stringContaining('differs')]);
    const unchecked = await run([
      'put',
      '--overwrite',
      '--no-verify',
      'a.txt',
      url('/', liar.port),
    ]);
    expect(unchecked.code).toBe(0);
  } finally {
    liar.close();
  }
});

describe('130: interrupted', () => {
  test('a download leaves a part, which is carried on', async () => {
    const content = Buffer.alloc(400_000, 'octets');
    await writeFile(join(home, 'big.bin'), content);
    const args = ['get', '--json', '--jobs', '1', url('/big.bin'), 'interrupted/'];
    const slow = client.start([...args, '--limit-rate', '50k', '--plain', '--password-stdin'], {
      input: PASSWORD,
    });
    const { stdout } = slow.child;
    let text = '';
    stdout.on('data', (more: string) => {
      text += more;
      if (/"doneBytes":[1-9]/.test(text)) slow.child.kill('SIGINT');
    });
    const outcome = await slow.ended;
    expect([outcome.code, outcome.stderr]).toEqual([130, 'myftp-tui: Interrupted.\n']);
    const again = await run(['get', '--resume', '--json', url('/big.bin'), 'interrupted/']);
    expect(again.code).toBe(0);
    expect(content.equals(await client.read('interrupted/big.bin'))).toBe(true);
  });
});

test('a transfer that is cut is carried on without being told', async () => {
  const content = Buffer.alloc(2_000_000, 'octets');
  await writeFile(join(home, 'big.bin'), content);
  const proxy = await CuttingProxy.start({
    serverPort: server.port,
    cutsAfterBytes: [700_000],
    kills: 'all',
  });
  try {
    const outcome = await run(['get', url('/big.bin', proxy.port), 'cut/']);
    expect([outcome.code, proxy.cuts]).toEqual([0, 1]);
    expect(content.equals(await client.read('cut/big.bin'))).toBe(true);
  } finally {
    await proxy.close();
  }
});

test('nobody reads the output: no failure, but no reason to go on', async () => {
  await writeFile(join(home, 'big.bin'), Buffer.alloc(20_000_000));
  const running = client.start(['cat', url('/big.bin'), '--plain', '--password-stdin'], {
    input: PASSWORD,
  });
  running.child.stdout.once('data', () => running.child.stdout.destroy());
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});

/** Passes everything on, but gives wrong digests. */
async function startLiar(serverPort: number): Promise<{ port: number; close(): void }> {
  const listener = createServer((socket) => {
    const upstream = connect(serverPort, '127.0.0.1');
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    socket.pipe(upstream);
    upstream.on('data', (octets) => {
      socket.write(octets.toString('latin1').replaceAll(/\b[0-9a-f]{64,128}\b/g, lie), 'latin1');
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  return { port, close: () => void listener.close() };
}

function lie(hex: string): string {
  return '0'.repeat(hex.length);
}
