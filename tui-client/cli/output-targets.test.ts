import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, lstat, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Outcome, run as runProgram, start } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;

const octets = randomBytes(200_000);

beforeAll(async () => {
  client = await ClientProgram.prepare();
  server = await FieldServer.start();
  server.tree.put('/big.bin', octets);
  server.tree.put('/small', 'small');
});
afterAll(async () => {
  await server?.close();
  await client?.dispose();
});

function run(...args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
}

/** With standard output to a file. */
function runInto(file: string, args: readonly string[]): Promise<Outcome> {
  const program = [process.execPath, client.main, ...args, '--plain', '--password-stdin'];
  return runProgram('/bin/sh', ['-c', 'exec "$@" > "$0"', file, ...program], {
    cwd: client.cwd,
    input: 'secret',
    env: { PATH: process.env.PATH, HOME: client.home },
  });
}

describe('standard output on a full disk ends with 6:', () => {
  test.each([
    ['cat', () => ['cat', server.url('/big.bin')]],
    ['get', () => ['get', server.url('/small'), '-']],
    ['ls', () => ['ls', server.url('/')]],
    ['the lines of a transfer', () => ['get', '--overwrite', server.url('/small'), 'copy']],
  ])('%s', async (_, args) => {
    const outcome = await runInto('/dev/full', args());
    expect(outcome).toMatchObject({ code: 6, stderr: expect.stringContaining('Standard output') });
  });
});

test('a reader that leaves is no failure', async () => {
  const script = 'exec "$@" | head -c 10 > /dev/null; echo "$0 $PIPESTATUS"';
  const program = [process.execPath, client.main, 'cat', server.url('/big.bin'), '--plain'];
  const outcome = await runProgram(
    '/bin/bash',
    ['-c', script, 'code', ...program, '--password-stdin'],
    {
      input: 'secret',
      env: { PATH: process.env.PATH, HOME: client.home },
    },
  );
  expect(outcome).toMatchObject({ stdout: 'code 0\n', stderr: '' });
});

describe('a download onto', () => {
  test('a pipe is written through', async () => {
    const fifo = client.path('fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = start('/bin/sh', ['-c', 'cat fifo > from-fifo'], { cwd: client.cwd });
    const outcome = await run('get', server.url('/big.bin'), 'fifo');
    expect(outcome).toMatchObject({ code: 0 });
    await reader.ended;
    expect(octets.equals(await client.read('from-fifo'))).toBe(true);
    expect((await lstat(fifo)).isFIFO()).toBe(true);
  });

  test('a socket is refused', async () => {
    const listener = createServer().listen(client.path('socket'));
    await once(listener, 'listening');
    const outcome = await run('get', '--overwrite', server.url('/small'), 'socket');
    const isSocket = (await lstat(client.path('socket'))).isSocket();
    listener.close();
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('is a socket') });
    expect(isSocket).toBe(true);
  });

  test.each(['small', 'big.bin'])('a link writes where it leads (%s)', async (name) => {
    await client.write(`real-${name}`, 'before');
    await chmod(client.path(`real-${name}`), 0o640);
    await symlink(`real-${name}`, client.path(`link-${name}`));
    const outcome = await run('get', '--overwrite', server.url(`/${name}`), `link-${name}`);
    expect(outcome).toMatchObject({ code: 0 });
    expect(await readlink(client.path(`link-${name}`))).toBe(`real-${name}`);
    const written = await readFile(client.path(`real-${name}`));
    expect(written.equals(server.tree.get(`/${name}`)?.content ?? octets)).toBe(true);
    expect((await stat(client.path(`real-${name}`))).mode & 0o777).toBe(0o640);
  });

  test('a link to nothing makes what it leads to, and gives it no mode of its own', async () => {
    await client.write('below/.keep', '');
    await symlink('below/new', client.path('dangling'));
    expect(await run('get', server.url('/small'), 'dangling')).toMatchObject({ code: 0 });
    expect((await client.read('below/new')).toString()).toBe('small');
    expect((await stat(client.path('below/new'))).mode & 0o111).toBe(0);
    expect((await lstat(client.path('dangling'))).isSymbolicLink()).toBe(true);
  });
});

const isRoot = process.getuid?.() === 0;
const testAsRoot = isRoot ? test : test.skip;

testAsRoot(`a device is written to and not replaced${isRoot ? '' : ': needs root'}`, async () => {
  const device = client.path('null');
  execFileSync('mknod', [device, 'c', '1', '3']);
  for (const name of ['small', 'big.bin']) {
    const outcome = await run('get', '--overwrite', server.url(`/${name}`), 'null');
    expect(outcome).toMatchObject({ code: 0 });
  }
  expect((await lstat(device)).isCharacterDevice()).toBe(true);
});

testAsRoot(`a block device is refused${isRoot ? '' : ': needs root'}`, async () => {
  execFileSync('mknod', [client.path('disk'), 'b', '7', '250']);
  const outcome = await run('get', '--overwrite', server.url('/small'), 'disk');
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('block device') });
  expect((await lstat(client.path('disk'))).isBlockDevice()).toBe(true);
});
