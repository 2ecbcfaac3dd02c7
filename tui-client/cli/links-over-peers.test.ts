import { createHash } from 'node:crypto';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { proftpd } from '../../bench/peers/proftpd.ts';
import { pureFtpd } from '../../bench/peers/pure-ftpd.ts';
import { vsftpd } from '../../bench/peers/vsftpd.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const found = await Promise.all(
  [vsftpd, pureFtpd, proftpd].map(async (kind) => ({ kind, installation: await kind.find() })),
);

for (const { kind, installation } of found) {
  if ('missing' in installation) {
    test.skip(`links with ${kind.name}: ${installation.missing}`, () => {});
    continue;
  }
  describe(`with ${kind.name}`, () => journeys(kind, installation.programPath));
}

const digestOf = (text: string) => createHash('md5').update(text).digest('hex');

function journeys(kind: (typeof found)[number]['kind'], programPath: string): void {
  const content = 'x'.repeat(1000);
  let client: ClientProgram;
  let server: PeerServer;
  let there: string;
  let here: string;
  let tests = 0;

  beforeAll(async () => {
    client = await ClientProgram.prepare();
  });
  afterAll(() => client?.dispose());
  beforeEach(async () => {
    tests += 1;
    here = `here-${tests}`;
    server = await PeerServer.start(kind, { programPath, security: 'clear' });
    there = join(server.rootPath, WRITABLE);
    await makeDirectory('dir');
    await makeDirectory('dir/sub');
    await writeFile(join(there, 'dir/file'), content);
    await chmod(join(there, 'dir/file'), 0o666);
    await symlink('dir/file', join(there, 'to-file'));
    await symlink('dir', join(there, 'to-dir'));
  });
  afterEach(() => server?.stop());

  /** One that the account may write to. */
  async function makeDirectory(name: string): Promise<void> {
    await mkdir(join(there, name));
    await chmod(join(there, name), 0o777);
  }

  const url = (path = '') => `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}${path}`;

  function run(...args: readonly string[]): Promise<Outcome> {
    return client.run([...args, '--plain', '--password-stdin'], { input: server.password });
  }

  const text = async (name: string) => (await client.read(`${here}/${name}`)).toString();

  test('reads what a named link leads to', async () => {
    expect(await run('ls', url('/to-dir/'))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^file\nsub/),
    });
    expect(await run('cat', url('/to-file'))).toMatchObject({ code: 0, stdout: content });
    const got = await run('get', '--json', url('/to-file'), `${here}/`);
    expect(jsonLines(got).find(({ type }) => type === 'file')).toMatchObject({ sizeBytes: 1000 });
    expect(got.stdout).not.toContain('changed on the server');
    expect(await text('to-file')).toBe(content);
    expect(await run('get', '-r', url('/to-dir'), `${here}/`)).toMatchObject({ code: 0 });
    expect(await text('to-dir/file')).toBe(content);
    const hash = await run('hash', '-a', 'MD5', url('/to-file'));
    expect(hash.stdout).toBe(`${digestOf(content)}  /${WRITABLE}/to-file\n`);
  });

  test('writes where a named link leads', async () => {
    await client.write(`${here}/new`, 'new');
    const refused = await run('put', `${here}/new`, url('/to-file'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('already exists') });
    const put = await run('put', '--overwrite', `${here}/new`, url('/to-file'));
    // Pure-FTPd refuses to write through links.
    const isRefused = kind === pureFtpd;
    expect(put).toMatchObject(
      isRefused ? { code: 5, stderr: expect.stringContaining('symbolic links') } : { code: 0 },
    );
    const written = (await readFile(join(there, 'dir/file'))).toString();
    expect(written).toBe(isRefused ? content : 'new');
    expect(await readlink(join(there, 'to-file'))).toBe('dir/file');
    expect(await run('put', `${here}/new`, url('/to-dir'))).toMatchObject({ code: 0 });
    expect((await readFile(join(there, 'dir/new'))).toString()).toBe('new');
  });

  test('deletes and renames links themselves', async () => {
    await makeDirectory('tree');
    await symlink('../dir', join(there, 'tree/inside'));
    expect(await run('rm', '-r', url('/tree'))).toMatchObject({ code: 0 });
    expect(await run('mv', url('/to-file'), url('/moved'))).toMatchObject({ code: 0 });
    expect(await readlink(join(there, 'moved'))).toBe('dir/file');
    expect(await run('rm', url('/moved'), url('/to-dir'))).toMatchObject({ code: 0 });
    expect(await readdir(there)).toEqual(['dir']);
    expect(await readdir(join(there, 'dir'))).toEqual(['file', 'sub']);
  });

  // The anonymous account of vsftpd may not change modes.
  const whereAllowed = kind === vsftpd ? test.skip : test;
  whereAllowed('changes the mode of what a link leads to, from the mode of that', async () => {
    await client.write(`${here}/own`, 'own');
    expect(await run('put', `${here}/own`, url('/dir/own'))).toMatchObject({ code: 0 });
    await symlink('dir/own', join(there, 'to-own'));
    expect(await run('chmod', '640', url('/to-own'))).toMatchObject({ code: 0 });
    expect((await stat(join(there, 'dir/own'))).mode & 0o777).toBe(0o640);
    const relative = await run('chmod', 'o+r', url('/to-own'));
    expect(relative).toMatchObject({ code: 1, stderr: expect.stringContaining('as a number') });
    expect((await stat(join(there, 'dir/own'))).mode & 0o777).toBe(0o640);
  });

  test('skips links in a tree, and counts them', async () => {
    await symlink('..', join(there, 'dir/sub/up'));
    const skipped = await run('get', '-r', '--json', url('/'), `${here}/`);
    expect(jsonLines(skipped).at(-1)).toMatchObject({ done: 1, skippedLinks: 3, exitCode: 0 });
    const mirrored = await run('mirror', '--json', url('/'), `${here}/`);
    expect(jsonLines(mirrored).at(-1)).toMatchObject({ unchanged: 1, skippedLinks: 3 });
  });

  test('follows links in a tree on request, and finds loops', async () => {
    await symlink('..', join(there, 'dir/sub/up'));
    const dry = await run('get', '-r', '-n', '--follow-links', url('/'), `${here}/`);
    expect(dry.stdout.match(/^would/gm)).toHaveLength(3);
    const got = await run('get', '-r', '--follow-links', '--json', url('/'), `${here}/`);
    expect(jsonLines(got).at(-1)).toMatchObject({ done: 3, skipped: 2, skippedLinks: 0 });
    expect(got.stdout).toContain('It leads back to a directory above it.');
    expect(await text('to-file')).toBe(content);
    expect(await text('to-dir/file')).toBe(content);
    const again = await run('mirror', '--follow-links', '--delete', url('/'), `${here}/`);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('3 unchanged') });
  });

  test('a mirror does not delete through a link, nor what a skipped link stands for', async () => {
    await client.write(`${here}/to-dir/extra`, 'extra');
    await client.write(`${here}/to-file`, 'mine');
    const down = await run('mirror', '--delete', url('/'), `${here}/`);
    expect(down).toMatchObject({ code: 0 });
    expect(await text('to-dir/extra')).toBe('extra');
    expect(await text('to-file')).toBe('mine');
    await client.write('up/to-dir/only-here', 'x');
    expect(await run('mirror', '--delete-all', 'up', url('/'))).toMatchObject({ code: 0 });
    expect(await readdir(there)).toEqual(['to-dir']);
    expect(await readlink(join(there, 'to-dir'))).toBe('dir');
  });

  test('uploads what local links lead to on request, and finds loops', async () => {
    await client.write(`${here}/dir/file`, content);
    await symlink('dir', client.path(`${here}/linked`));
    await symlink('..', client.path(`${here}/dir/up`));
    await symlink('nowhere', client.path(`${here}/broken`));
    for (const name of ['up', 'up/dir', 'up2', 'up2/dir', 'up2/linked']) await makeDirectory(name);
    const skipped = await run('put', '-r', '--json', `${here}/`, url('/up'));
    expect(jsonLines(skipped).at(-1)).toMatchObject({ done: 1, skippedLinks: 3 });
    const put = await run('put', '-r', '--follow-links', '--json', `${here}/`, url('/up2'));
    expect(jsonLines(put).at(-1)).toMatchObject({ done: 2, skipped: 3, skippedLinks: 0 });
    expect((await readFile(join(there, 'up2/linked/file'))).toString()).toBe(content);
    const again = await run('mirror', '--follow-links', '--delete', here, url('/up2'));
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('2 unchanged') });
  });
}
