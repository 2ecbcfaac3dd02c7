import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bytesOnDisk } from '../../server/testing/bytes-on-disk.ts';
import { digestOf, octets } from '../clients/samples.ts';
import { ServerProcess } from './server-process.ts';

const PASSWORD = 'correct horse';

let server: ServerProcess;

beforeEach(async () => {
  server = await ServerProcess.start(await ServerProcess.makeDirectory());
});
afterEach(() => server.dispose());

describe('a second server', () => {
  test.each([
    ['on the same data', (directory: string) => ['--data', directory], '--data'],
    [
      'on other data with the same root',
      (directory: string) => [
        '--data',
        join(directory, 'other'),
        '--root',
        join(directory, 'files'),
      ],
      '--root',
    ],
  ])('%s ends with 75 and disturbs no upload and no quota', async (_, flagsFor, setting) => {
    await server.signUp('anna', PASSWORD);
    const limit = 3_000_000;
    await server.administer(['user', 'quota', 'anna', String(limit)]);
    const contents = ['a', 'b', 'c'].map((name) => ({ name, content: octets(1_200_000) }));
    const uploads = await Promise.all(contents.map((upload) => beginUpload(upload)));

    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { code, stderr } = await ServerProcess.attempt([
        ...flagsFor(server.directory),
        '--port',
        '0',
      ]);
      expect(code).toBe(75);
      expect(stderr).toMatch(new RegExp(`^myftp-server: ${setting} .*: in use by myftp-server`));
      expect(stderr).toContain(`pid ${server.child.pid} on `);
    }

    const codes = [];
    for (const finish of uploads) codes.push(await finish());
    // The third does not fit. A ledger that somebody else had settled would have let it in.
    expect(codes).toEqual([226, 226, 552]);
    for (const { name, content } of contents.slice(0, 2)) {
      expect(digestOf(await readFile(server.home('anna', name)))).toBe(digestOf(content));
    }
    const usedBytes = await used();
    expect(usedBytes).toBeLessThanOrEqual(limit);
    expect(usedBytes).toBe(await bytesOnDisk(join(server.directory, 'files')));
  });

  test('starts at once where the first one was killed', async () => {
    await server.end('SIGKILL');
    server = await ServerProcess.start(server.directory);
    await server.signUp('anna', PASSWORD);
  });
});

describe('a start that fails', () => {
  test('changes nothing, and the next one measures no files', async () => {
    const client = await server.signUp('anna', PASSWORD);
    await client.store('STOR a.bin', octets(100_000));
    await server.end('SIGTERM');
    const before = await fingerprint(server.directory);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const missing = join(server.directory, 'missing.pem');
    const broken = join(server.directory, 'broken.pem');
    await writeFile(broken, 'no certificate');
    for (const [flags, code] of [
      [['--port', String(port)], 75],
      [['--port', '0', '--implicit-port', String(port)], 75],
      [['--port', '0', '--host', '192.0.2.1'], 75],
      [['--port', '0', '--host', 'no-such-name.invalid'], 75],
      [['--port', '0', '--pasv-range', `${port}-${port}`], 75],
      [['--port', '0', '--tls-cert', missing, '--tls-key', missing], 75],
      [['--port', '0', '--tls-cert', broken, '--tls-key', broken], 78],
    ] as const) {
      const attempt = await ServerProcess.attempt(['--data', server.directory, ...flags]);
      expect([flags, attempt.code]).toEqual([flags, code]);
      expect(attempt.stderr).toMatch(/^myftp-server: --[a-z-]+ [^\n]+\.\n$/m);
    }
    other.close();
    expect(await fingerprint(server.directory)).toEqual(before);

    server = await ServerProcess.start(server.directory);
    const log = await readFile(join(server.directory, 'logs/server.log'), 'utf8');
    expect(log).not.toContain('recounted');
  }, 120_000);

  test('on a fresh directory makes neither database nor certificate nor logs', async () => {
    const data = join(server.directory, 'fresh');
    const { port } = server;
    const { code } = await ServerProcess.attempt(['--data', data, '--port', String(port)]);
    expect(code).toBe(75);
    expect(await readdir(data)).not.toEqual(expect.arrayContaining(['myftp.db', 'tls']));
  });
});

interface Upload {
  readonly name: string;
  readonly content: Buffer;
}

/** Sends half of a file and leaves the upload open. */
async function beginUpload({ name, content }: Upload): Promise<() => Promise<number>> {
  const client = await server.login('anna', PASSWORD);
  const data = await client.openData();
  await client.command(`STOR ${name}`);
  const half = content.length / 2;
  await new Promise((resolve) => data.write(content.subarray(0, half), resolve));
  return async () => {
    data.on('error', () => {});
    data.end(content.subarray(half));
    return (await client.reply()).code;
  };
}

async function used(): Promise<number> {
  const client = await server.login('anna', PASSWORD);
  const { lines } = await client.command('SITE QUOTA');
  return Number(/^200 (\d+) of/.exec(lines[0] ?? '')?.[1]);
}

/** Every file of the data directory with its digest, except the lock's, this test's and the logs. */
async function fingerprint(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter(
    (entry) => entry.isFile() && !/^server\.lock|^broken\.pem$|\.log$/.test(entry.name),
  );
  const lines = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
  });
  return (await Promise.all(lines)).toSorted();
}
