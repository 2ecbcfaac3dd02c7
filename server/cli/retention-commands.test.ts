import { existsSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
let anna: ControlClient;
let home: string;
let aheadMs = 0;

beforeAll(async () => {
  server = await TestServer.start({ now: () => Date.now() + aheadMs });
  anna = await server.signUp();
  home = join(server.rootDir, 'anna');
});
afterAll(() => server.dispose());

async function run(line: string) {
  return await runCommand([...line.split(' '), '--data', server.settings.dataDir]);
}

async function done(line: string): Promise<string> {
  const { code, stdout, stderr } = await run(line);
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout;
}

/** What the account is charged for. */
async function usage(): Promise<string> {
  return (await anna.command('SITE QUOTA')).lines.join(' ');
}

async function runJson(line: string) {
  const accounts = JSON.parse(await done(`retention run ${line} --json`));
  return accounts.flatMap(({ rules }: { rules: object[] }) => rules);
}

test('a rule is set by directory, for an account and for its group', async () => {
  expect(await done('user retention anna')).toBe('No files of anna are deleted.\n');
  await done('group add cameras');
  await done('group retention cameras --delete-after 90d --remove-empty');
  await done('user group anna cameras');
  await done('user retention anna --directory /camera --delete-after 30d --oldest-first');
  await done('user retention anna --directory /camera/kept/ --off');
  expect(await done('user retention anna')).toBe(
    [
      'DIRECTORY     DELETE AFTER  OLDEST FIRST  REMOVE EMPTY  FROM',
      '/                      90d  no            yes           group cameras',
      '/camera                30d  yes           no            own',
      '/camera/kept         never  no            no            own',
      '',
    ].join('\n'),
  );
  expect(JSON.parse(await done('user retention anna --json'))).toMatchObject({
    ...{ name: 'anna', group: 'cameras' },
    rules: [
      { directory: '/', deleteAfterMs: 90 * DAY_MS, oldestFirst: false, from: 'group cameras' },
      { directory: '/camera', deleteAfterMs: 30 * DAY_MS, oldestFirst: true, removeEmpty: false },
      { directory: '/camera/kept', deleteAfterMs: null, oldestFirst: false, from: 'own' },
    ],
  });
  await done('group retention cameras --default');
  await done('user retention anna --directory /camera/kept --default');
  expect(JSON.parse(await done('group retention cameras --json'))).toMatchObject({ rules: [] });
});

test.each([
  ['user retention anna --delete-after 30', 2, '--delete-after "30": expected a time from 1h'],
  ['user retention anna --delete-after soon', 2, '--delete-after "soon": expected a time from 1h'],
  [
    'user retention anna --remove-empty',
    2,
    '--remove-empty: add --delete-after or --oldest-first.',
  ],
  ['user retention anna --off --oldest-first', 2, '--off and --default go with --directory alone.'],
  ['user retention anna --directory /camera', 2, '--directory: say what applies there'],
  ['user retention anna --directory in --off', 2, 'Directory "in": expected a path from the root'],
  ['user retention anna --directory /a/.. --delete-after 9d', 2, 'without . and ..'],
  ['user retention nemo --oldest-first', 1, 'No such account: "nemo".'],
  ['group retention nothing --oldest-first', 1, 'No such group: "nothing".'],
  ['retention run nemo', 1, 'No such account: "nemo".'],
])('%s is refused in a sentence, and changes nothing', async (line, code, sentence) => {
  const before = await done('user retention anna --json');
  const refused = await run(line);
  expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(sentence)]);
  expect(await done('user retention anna --json')).toBe(before);
});

test('an account without a quota has nothing for --oldest-first to do, which is said', async () => {
  await server.setQuota('anna', Number.MAX_SAFE_INTEGER);
  const { stderr } = await run('user retention anna --directory /camera --oldest-first');
  expect(stderr).toContain('Mind: anna has no quota');
});

test('files that have been there for their time are shown, and then deleted for good', async () => {
  await done('user retention anna --directory /camera --delete-after 30d --remove-empty');
  for (const directory of ['camera', 'camera/day', 'kept']) await anna.command(`MKD ${directory}`);
  const before = await usage();
  for (const name of ['kept/a', 'camera/b']) await anna.store(`STOR ${name}`, 'octets');
  const withKept = await usage();
  await anna.store('STOR camera/day/c', 'octets');
  await anna.command('MFMT 20000101000000 camera/day/c');
  symlinkSync('../kept/a', join(home, 'camera', 'link'));
  expect(await runJson('--dry-run')).toEqual([]);
  aheadMs = 31 * DAY_MS;
  const [look] = await runJson('anna --dry-run');
  expect(look).toMatchObject({ directory: '/camera', files: 2, bytes: 12, inUse: 0 });
  expect(look.named.map(({ path }: { path: string }) => path).sort()).toEqual([
    ...['/camera/b', '/camera/day/c'],
  ]);
  expect(await readdir(join(home, 'camera'))).toEqual(['b', 'day', 'link']);
  const shown = await done('retention run --dry-run');
  expect(shown).toContain('anna /camera: 2 files (12 bytes) to delete, unchanged for 30d.\n');
  expect(shown).toMatch(/\n20\d\d-.* +6 bytes +\/camera\/b\n/);
  expect(await done('retention run anna')).toBe(
    'anna /camera: 2 files (12 bytes) deleted, unchanged for 30d; empty directories: 1.\n',
  );
  expect(await readdir(join(home, 'camera'))).toEqual(['link']);
  expect(await readdir(join(home, 'kept'))).toEqual(['a']);
  expect(await done('retention run')).toBe('Nothing is old enough.\n');
  await anna.command('DELE kept/a');
  await anna.command('MKD camera/day');
  expect(withKept).not.toBe(before);
  expect(await usage()).toBe(before);
});

test('what is being read, replaced or resumed stays', async () => {
  await anna.command('MKD camera/use');
  await anna.store('STOR camera/use/read', Buffer.alloc(16 * 1024 * 1024));
  for (const name of ['replaced', 'claimed', 'old']) {
    await anna.store(`STOR camera/use/${name}`, 'octets');
  }
  await cutUpload(anna, 'STOR camera/use/claimed', 'new octets');
  const [reader, writer] = [await server.login(), await server.login()];
  const download = (await reader.openData()).pause();
  await reader.command('RETR camera/use/read');
  const upload = await beginUpload(writer, 'STOR camera/use/replaced', 'new');
  aheadMs += 31 * DAY_MS;
  expect(await runJson('--dry-run')).toMatchObject([{ files: 1, inUse: 3 }]);
  expect(await runJson('anna')).toMatchObject([{ files: 1, inUse: 3 }]);
  expect((await readdir(join(home, 'camera/use'))).sort()).toEqual([
    ...['claimed', 'read', 'replaced'],
  ]);
  upload.end();
  expect((await writer.reply()).code).toBe(226);
  download.resume();
  expect((await reader.reply()).code).toBe(226);
  expect(await runJson('anna')).toMatchObject([{ files: 2, inUse: 1 }]);
  expect(await readdir(join(home, 'camera/use'))).toEqual(['claimed']);
});

test('a rule never leads through a symbolic link', async () => {
  await mkdir(join(home, 'real'));
  await writeFile(join(home, 'real', 'file'), 'octets');
  symlinkSync('real', join(home, 'linked'));
  await done('user retention anna --directory /linked --delete-after 1h');
  aheadMs += 31 * DAY_MS;
  await runJson('anna');
  expect(existsSync(join(home, 'real', 'file'))).toBe(true);
});

test('what was deleted is in the audit log', async () => {
  const lines = (await done('audit --kind retention --path /camera/b --json')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { kind: 'retention', reason: 'age', username: 'anna', path: '/camera/b', sizeBytes: 6 },
  ]);
  expect(await done('audit --kind retention --path /camera/b')).toMatch(
    / retention +6 bytes +ok +\/camera\/b \(age\)\n$/,
  );
});

test('a home outside of the root has rules, too', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'myftp-elsewhere-'));
  const add = ['user', 'add', 'ben', '--home', elsewhere, '--adopt', '--password-stdin'];
  const { dataDir, rootDir } = server.settings;
  const added = await runCommand([...add, '--data', dataDir, '--root', rootDir], {
    input: 'correct horse\n',
  });
  expect([added.code, added.stderr]).toEqual([0, '']);
  const ben = await server.login('ben');
  await ben.store('STOR a', 'octets');
  await done('user retention ben --delete-after 1h');
  aheadMs += DAY_MS;
  expect(await runJson('ben')).toMatchObject([{ directory: '/', files: 1, bytes: 6 }]);
  expect(await readdir(elsewhere)).toEqual(['.myftp-staging']);
  await rm(elsewhere, { recursive: true });
});
