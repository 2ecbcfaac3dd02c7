import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCommand } from '../../testing/run-command.ts';
import { TestServer } from '../../testing/test-server.ts';

const BCRYPT = '$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2';

let server: TestServer;
let outside: string;

beforeAll(async () => {
  server = await TestServer.start();
  outside = await TestServer.newDirectory();
  await mkdir(join(outside, 'full'));
  await writeFile(join(outside, 'full/a.txt'), 'hello');
  await run(['group', 'add', 'staff']);
});
afterAll(async () => {
  await server.dispose();
  await rm(outside, { recursive: true });
});

function run(args: readonly string[]) {
  return runCommand([...args, '--data', server.settings.dataDir]);
}

async function importList(format: string, lines: readonly string[], ...options: string[]) {
  const file = join(server.directory, `accounts.${format}`);
  await writeFile(file, lines.join('\n'));
  return run(['import', format, file, ...options]);
}

function account(username: string) {
  return server.withDatabase(({ accounts }) => accounts.findByUsername(username));
}

test('CSV: all fields, quoted as in RFC 4180, with a mark of byte order', async () => {
  const home = join(outside, 'web, "new"');
  const outcome = await importList('csv', [
    '\ufeffname,password,quota,max-files,home,group,rights,rate-up,rate-down,networks,expires,enabled,must-change\r',
    `carl,"correct ""horse""",10MiB,7,"${home.replaceAll('"', '""')}",Staff,read-only,1M,off,"10.0.0.0/8,127.0.0.1",2099-01-01T00:00Z,yes,1\r`,
    '\r',
    'dora,correct horse,,,,,,,,,,no,\r',
    '',
  ]);
  expect(outcome).toEqual({ code: 0, stdout: 'Imported 2 accounts.\n', stderr: '' });
  expect(await account('carl')).toMatchObject({
    limitBytes: 10 * 1024 ** 2,
    limitEntries: 7,
    home,
    group: 'staff',
    ownAccess: { rights: { '/': 'read-only' } },
    rateUp: 1024 ** 2,
    rateDown: 0,
    networks: ['10.0.0.0/8', '127.0.0.1'],
    expiresAtMs: Date.UTC(2099, 0, 1),
    enabled: true,
    mustChangePassword: true,
  });
  expect(await account('dora')).toMatchObject({
    limitBytes: server.settings.quotaBytes,
    enabled: false,
    mustChangePassword: false,
    ownAccess: {},
  });
  await server.login('carl', 'correct "horse"');
});

test('JSON: the same fields, as texts, numbers, truth values and lists', async () => {
  const list = [
    { name: 'emil', hash: BCRYPT, quota: 5000, enabled: true, networks: ['127.0.0.1', '::1'] },
    { name: 'fay', password: null, rights: 'list,read' },
  ];
  const { stdout } = await importList('json', [JSON.stringify(list, undefined, 2)]);
  expect(stdout).toBe(
    'Imported 2 accounts.\n  fay: has no password (set one: myftp-server user passwd fay).\n',
  );
  expect(await account('emil')).toMatchObject({
    limitBytes: 5000,
    networks: ['127.0.0.1', '::1'],
    passwordHash: BCRYPT,
  });
  await server.login('emil');
});

test('homes that exist are measured, and charged for', async () => {
  await server.makeHome('gina');
  await writeFile(join(server.rootDir, 'gina/b'), 'hi');
  const rows = ['name,hash,home', `gina,${BCRYPT},`, `hugo,${BCRYPT},${join(outside, 'full')}`];
  expect((await importList('csv', rows, '--adopt')).code).toBe(0);
  expect(await account('gina')).toMatchObject({ usedBytes: 2, usedEntries: 1 });
  expect(await account('hugo')).toMatchObject({ usedBytes: 5, usedEntries: 1 });
});

test('the examples of the manual can be imported', async () => {
  const manual = await readFile('docs/moving-in.md', 'utf8');
  const examples = [...manual.matchAll(/(?:^ {4}.*\n)+/gm)].map(([text]) => text);
  const csv = examples.find((text) => text.includes('name,'))?.replace(/^ {4}/gm, '') ?? '';
  const json = examples.find((text) => text.includes('"name"')) ?? '';
  for (const [format, text] of Object.entries({ csv, json })) {
    const { stdout } = await importList(format, [text], '--dry-run');
    expect(stdout).toBe('Would import 2 accounts.\n');
  }
});

describe('a list with bad lines imports nothing', () => {
  test('all of them are named', async () => {
    const outcome = await importList('csv', [
      'name,password,hash,quota,home,enabled,group',
      'ivan,correct horse,,many,,,',
      ',correct horse,,,,,',
      'jana,correct horse,,,relative,,',
      `karl,correct horse,${BCRYPT},,,,`,
      'lena,correct horse,,,,perhaps,',
      'mona,correct horse,,,,,',
    ]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    const lines = outcome.stderr.trim().split('\n').slice(1);
    expect(lines).toEqual([
      expect.stringContaining('line 2: quota: "many" is not a size'),
      '  line 3: The name is missing.',
      '  line 4: home: "relative" is not an absolute path.',
      '  line 5: There are both a password and a hash.',
      '  line 6: enabled: "perhaps" is neither yes nor no.',
    ]);
    expect(await account('mona')).toBeUndefined();
  });

  test('what the accounts are refused for', async () => {
    const home = join(outside, 'shared');
    const { stderr } = await importList('csv', [
      'name,password,home,group',
      `nina,correct horse,${home},`,
      `olaf,correct horse,${join(home, 'below')},`,
      `pia,correct horse,${outside},`,
      'rosa,short,,',
      'sven,correct horse,,nobody',
      `toni,correct horse,${join(server.rootDir, 'deep')},`,
      `ulla,correct horse,${join(outside, 'full')},`,
    ]);
    const lines = stderr.trim().split('\n').slice(1);
    expect(lines).toEqual([
      expect.stringContaining(`line 3: "olaf": ${home} does not exist`),
      expect.stringMatching(/line 4: "pia": .* and .*, the home of \w+.*, have files in common/),
      '  line 5: "rosa": A password has at least 8 characters.',
      '  line 6: "sven": No such group: "nobody".',
      expect.stringContaining('which holds the other homes, have files in common'),
      expect.stringMatching(/line 8: "ulla": .*(in common|not empty)/),
    ]);
    expect(await readdir(outside)).not.toContain('shared');
  });

  test.each([
    ['csv', ['name,password', 'a,b,c'], 'line 2: This is no CSV: the record has another number'],
    ['csv', ['name,password', 'a,"b', 'c,d'], 'This is no CSV: a quotation mark is not closed.'],
    ['csv', ['name,password', 'a,b"c'], 'line 2: This is no CSV: a quotation mark stands where'],
    ['csv', [''], 'line 1: The file is empty.'],
    ['csv', ['name,qouta'], 'line 1: There is no field "qouta". The fields are name, password,'],
    ['csv', ['name,name'], 'line 1: The field name stands twice.'],
    ['csv', ['password'], 'line 1: The field name is missing.'],
    ['json', ['{"name": "vera"}'], 'line 1: This is no array of accounts.'],
    ['json', ['[', '{"name": "vera",', '}]'], 'line 3: This is no JSON.'],
    ['json', ['[', '{"name": "vera"},', '{"name": vera}', ']'], 'line 3: This is no JSON.'],
    ['json', ['[', '{"name": "vera"'], 'line 2: This is no JSON.'],
    [
      'json',
      ['[{"name": "vera"},', '{"name": "}{", "email": "x"}]'],
      'line 2: There is no field "email"',
    ],
    ['json', ['[{"name": "vera"},', '"wanda"]'], 'This is no object with the fields'],
    ['json', ['[', '{"name": "vera", "quota": {}}]'], 'line 2: quota is no text or number.'],
  ])('%s %j', async (format, lines, message) => {
    const outcome = await importList(format, lines);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain('Nothing was imported');
  });
});
