import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { Charset } from '../remote/connection/charset.ts';
import { FieldServer } from '../testing/field-server.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

async function start(encoding: string, features: readonly string[] = []): Promise<void> {
  server = await FieldServer.start({
    charset: new Charset(encoding),
    features: ['SIZE', 'MDTM', 'REST STREAM', ...features],
  });
  const url = server.url('/');
  const args = ['sites', 'add', 'old', url, '--plain', '--overwrite', '--encoding', encoding];
  expect(await client.run(args)).toMatchObject({ code: 0 });
}

async function run(...args: readonly string[]): Promise<Outcome> {
  const all = [...args, '--plain', '--password-stdin'];
  const outcome = await client.run(all, { input: 'secret' });
  expect(outcome).toMatchObject({ code: 0 });
  return outcome;
}

test.each([
  ['windows-1252', 'Grün €'],
  ['windows-1251', 'имя'],
  ['koi8-r', 'имя'],
  ['shift_jis', 'ソ日本語'],
  ['gbk', '文件'],
])(
  'names in %s are shown, sent and made',
  async (encoding, name) => {
    await start(encoding);
    server.tree.put(`/${name}/${name}`, 'content');
    expect((await run('ls', '-r', 'old:/')).stdout).toBe(`${name}/\n${name}/${name}\n`);
    expect((await run('cat', `old:/${name}/${name}`)).stdout).toBe('content');
    await client.write(`up-${encoding}/${name}.txt`, 'up');
    await run('put', '-r', `up-${encoding}/`, `old:/new ${name}`);
    expect(server.tree.text(`/new ${name}/${name}.txt`)).toBe('up');
    await run('mv', `old:/${name}/${name}`, `old:/${name}/${name}2`);
    await run('mirror', '--delete', `old:/${name}`, `down-${encoding}`);
    expect((await client.read(`down-${encoding}/${name}2`)).toString()).toBe('content');
  },
  60_000,
);

test('a name that the encoding lacks is a failed file', async () => {
  await start('windows-1252');
  await client.write('日本', 'x');
  const args = ['put', '日本', 'old:/', '--plain', '--password-stdin'];
  const outcome = await client.run(args, { input: 'secret' });
  expect(outcome).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be written in windows-1252'),
  });
});

test('the server is told not to use UTF-8', async () => {
  await start('windows-1252', ['UTF8']);
  await run('ls', 'old:/');
  expect(server.lines).toContain('OPTS UTF8 OFF');
  await run('ls', server.url('/'));
  expect(server.lines).toContain('OPTS UTF8 ON');
});

test('the place where a login leads is read in the encoding', async () => {
  await start('windows-1251');
  server.tree.put('/имя/file', 'content');
  server.home = '/имя';
  const args = ['sites', 'add', 'home', server.url('/~/'), '--plain', '--encoding', 'cp1251'];
  expect(await client.run(args)).toMatchObject({ code: 0 });
  expect((await run('ls', 'home:')).stdout).toBe('file\n');
  const toml = await readFile(`${client.home}/.config/myftp/sites.toml`, 'utf8');
  expect(toml).toContain('encoding = "windows-1251"');
});

test('an unknown encoding is refused', async () => {
  const args = ['sites', 'add', 'odd', 'ftp://anna@127.0.0.1/', '--encoding', 'klingon'];
  expect(await client.run(args)).toMatchObject({ code: 64 });
});
