import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { formatRights, parseRights, RIGHTS, type Right } from '../rights/rights.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;
let client: ControlClient;
let count = 0;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.dispose());
beforeEach(async () => {
  count += 1;
  client = await server.signUp(`anna${count}`);
  for (const name of ['d', 'empty', 'other']) await mkdir(home(name));
  for (const name of ['a', 'b', 'd/a']) await writeFile(home(name), 'text');
});

const username = () => `anna${count}`;
const home = (name: string) => join(server.rootDir, username(), name);
const grant = (rights: Readonly<Record<string, string>>) =>
  server.setAccess(username(), { rights });
const without = (...names: readonly Right[]) =>
  formatRights(parseRights(RIGHTS.filter((name) => !names.includes(name)).join(',')));

async function answer(line: string): Promise<string> {
  const [verb = ''] = line.split(' ');
  if (/^(STOR|APPE|STOU)$/.test(verb))
    return (await client.store(line, 'new')).closing.lines.join();
  if (/^(RETR|LIST|NLST|MLSD)$/.test(verb))
    return (await client.retrieve(line)).closing.lines.join();
  const { lines } = await client.command(line);
  return lines.join('\n');
}

async function answers(...lines: readonly string[]): Promise<string> {
  let last = '';
  for (const line of lines) last = await answer(line);
  return last;
}

describe('each command needs its right', () => {
  test.each<[Right, string, ...string[]]>([
    ['list', 'You may not list files here.', 'LIST'],
    ['list', 'You may not list files here.', 'NLST a'],
    ['list', 'You may not list files here.', 'MLSD d'],
    ['list', 'You may not list files here.', 'MLST a'],
    ['list', 'You may not list files here.', 'STAT d'],
    ['list', 'You may not list files here.', 'STAT *'],
    ['read', 'You may not read files here.', 'RETR a'],
    ['read', 'You may not read files here.', 'SIZE a'],
    ['read', 'You may not read files here.', 'MDTM a'],
    ['read', 'You may not read files here.', 'HASH a'],
    ['read', 'You may not read files here.', 'XCRC a'],
    ['read', 'You may not read files here.', 'SITE XMD5 a'],
    ['write', 'You may not upload files here.', 'STOR new'],
    ['write', 'You may not upload files here.', 'STOU'],
    ['write', 'You may not upload files here.', 'APPE new'],
    ['overwrite', 'You may not overwrite files here.', 'STOR a'],
    ['overwrite', 'You may not overwrite files here.', 'REST 4', 'STOR a'],
    ['overwrite', 'You may not overwrite files here.', 'REST 2', 'APPE a'],
    ['overwrite', 'You may not overwrite files here.', 'RNFR a', 'RNTO b'],
    ['append', 'You may not append to files here.', 'APPE a'],
    ['delete', 'You may not delete files here.', 'DELE a'],
    ['rename', 'You may not rename files here.', 'RNFR a'],
    ['mkdir', 'You may not create directories here.', 'MKD new'],
    ['mkdir', 'You may not create directories here.', 'XMKD new'],
    ['rmdir', 'You may not remove directories here.', 'RMD empty'],
    ['chmod', 'You may not change permissions here.', 'SITE CHMOD 600 a'],
    ['mfmt', 'You may not change modification times here.', 'MFMT 20200101000000 a'],
    ['mfmt', 'You may not change modification times here.', 'MDTM 20200101000000 a'],
    ['mfmt', 'You may not change modification times here.', 'SITE UTIME 202001010000 a'],
  ])('without %s: %s', async (right, sentence, ...lines) => {
    await grant({ '/': without(right) });
    expect(await answers(...lines)).toBe(`550 ${sentence}`);
    expect(await readFile(home('a'), 'utf8')).toBe('text');
    await grant({});
    expect(await answers(...lines)).toMatch(/^[23]/);
  });
});

test('no-overwrite holds when a name is taken during the upload', async () => {
  await grant({ '/': 'no-overwrite' });
  const data = await beginUpload(client, 'STOR late', 'mine');
  await writeFile(home('late'), 'other');
  data.end();
  expect((await client.reply()).lines).toEqual(['550 You may not overwrite files here.']);
  expect(await readFile(home('late'), 'utf8')).toBe('other');
  const second = await beginUpload(client, 'APPE later', 'mine');
  await writeFile(home('later'), 'other');
  second.end();
  expect((await client.reply()).code).toBe(550);
  expect(await readFile(home('later'), 'utf8')).toBe('other');
});

describe('rules of directories', () => {
  test('the longest decides, whichever way leads there', async () => {
    await grant({ '/': 'read-only', '/d': 'full', '/d/deep': 'read-only' });
    await mkdir(home('d/deep'));
    await symlink('../d', home('other/link'));
    expect(await answer('STOR x')).toMatch(/^550/);
    expect(await answer('STOR d/x')).toMatch(/^226/);
    expect(await answer('STOR other/../d/./y')).toMatch(/^226/);
    for (const name of ['d/deep/x', 'd/../d/deep/x', '/d//deep/x', 'd/x/../../x']) {
      expect(await answer(`STOR ${name}`)).toMatch(/^550/);
    }
    // The link lies where nothing may be written.
    expect(await answer('STOR other/link/z')).toMatch(/^550/);
  });

  test('a link to a place with fewer rights gives no more', async () => {
    await grant({ '/d': 'read-only', '/empty': 'none' });
    await symlink('d', home('door'));
    await symlink('d/a', home('file'));
    await symlink('empty', home('hidden'));
    const refused = ['STOR door/x', 'DELE door/a', 'STOR file', 'APPE file', 'MKD door/n'];
    for (const line of [...refused, 'SITE CHMOD 600 file', 'MFMT 20200101000000 file']) {
      expect(await answer(line)).toMatch(/^550/);
    }
    expect(await answers('RNFR a', 'RNTO door/b')).toMatch(/^550/);
    expect(await answer('CWD hidden')).toBe('550 /hidden: no such file or directory.');
    expect(await answer('RETR file')).toMatch(/^226/);
    expect(await readFile(home('d/a'), 'utf8')).toBe('text');
  });

  test('a rename needs rights at both ends, and takes nothing to where more is allowed', async () => {
    await grant({ '/d': 'read-only', '/other': 'list,write,rename,mkdir,delete,rmdir' });
    expect(await answers('RNFR a', 'RNTO d/b')).toBe('550 You may not rename files here.');
    expect(await answer('RNFR d/a')).toBe('550 You may not rename files here.');
    expect(await answers('RNFR a', 'RNTO other/b')).toMatch(/^250/);
    expect(await answers('RNFR other/b', 'RNTO c')).toBe('550 You may not read files here.');
  });

  test('a directory that contains one with rights of its own stays', async () => {
    await mkdir(home('other/box'));
    await grant({ '/other/box': 'upload-only' });
    const refusal = '550 /other: contains a directory with rights of its own.';
    expect(await answers('RNFR other', 'RNTO moved')).toBe(refusal);
    expect(await answers('RNFR empty', 'RNTO other/box')).toMatch(/^550/);
    expect(await answer('RMD other/box')).toBe('550 You may not remove directories here.');
    expect(await answers('RNFR other/box', 'RNTO box')).toMatch(/^550/);
  });

  test('a directory without rights is not there', async () => {
    await grant({ '/d': 'none' });
    for (const line of ['CWD d', 'MLST d', 'SIZE d/a', 'RNFR d', 'RMD d', 'LIST d', 'CWD d/x']) {
      const [, path = ''] = line.split(' ');
      expect(await answer(line)).toBe(`550 /${path}: no such file or directory.`);
    }
    for (const verb of ['LIST', 'NLST', 'MLSD', 'NLST *', 'NLST */*']) {
      expect((await client.retrieve(verb)).data.toString()).not.toMatch(/\bd\b.*$|^d\//m);
    }
  });

  test('the working directory needs no right but to be open', async () => {
    await grant({ '/': 'none', '/d': 'read-only' });
    expect(await answer('PWD')).toMatch(/^257/);
    expect(await answer('CWD d')).toMatch(/^250/);
    expect(await answer('CDUP')).toMatch(/^250/);
    expect(await answer('LIST')).toBe('550 You may not list files here.');
    expect(await answer('RETR d/a')).toMatch(/^226/);
  });
});

test('MLSD and MLST tell the rights of each entry', async () => {
  await grant({ '/': 'list,read,rename', '/d': 'upload-only' });
  await client.command('OPTS MLST perm;');
  const { data } = await client.retrieve('MLSD');
  expect(data.toString().split('\r\n').filter(Boolean).toSorted()).toEqual(
    ['perm=ce; d', 'perm=efl; empty', 'perm=efl; other', 'perm=fr; a', 'perm=fr; b'].toSorted(),
  );
  expect((await client.command('MLST d')).lines[1]).toBe(' perm=ce; /d');
  expect((await client.command('MLST a')).lines[1]).toBe(' perm=fr; /a');
});

test('a change is in force at the next command, and a transfer that runs goes on', async () => {
  const data = await beginUpload(client, 'STOR long', 'first');
  await grant({ '/': 'read-only' });
  data.end();
  expect((await client.reply()).code).toBe(226);
  expect(await answer('STOR next')).toBe('550 You may not upload files here.');
});

test('own partials can be resumed and dropped without the right to delete', async () => {
  await grant({ '/': 'no-overwrite' });
  const data = await beginUpload(client, 'STOR part', 'half');
  data.resetAndDestroy();
  expect((await client.reply()).code).toBe(426);
  const id = /X\.id=([^;]+)/.exec(await answer('SITE PARTIALS'))?.[1];
  expect(await answer('DELE part')).toBe('550 You may not delete files here.');
  expect(await answer(`SITE PARTIALS DROP ${id}`)).toMatch(/^250/);
});
