import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { foldersCheck } from '../doctor/folders-check.ts';
import { contextFor } from '../doctor/run-checks.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let base: string;
let server: TestServer;
let anna: ControlClient;
let ben: ControlClient;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-folders-'));
  await mkdir(join(base, 'projects'));
  await writeFile(join(base, 'projects', 'plan'), 'the plan');
  server = await TestServer.start({ settings: { keepDeletedMs: 60_000 } });
  anna = await server.signUp('anna');
  ben = await server.signUp('ben');
  await mkdir(join(server.rootDir, 'anna/pictures'));
  await symlink('pictures', join(server.rootDir, 'anna/link'));
});
afterAll(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

const run = (line: string) => runCommand([...line.split(' '), '--data', server.settings.dataDir]);

async function done(line: string): Promise<string> {
  const { code, stdout, stderr } = await run(line);
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout;
}

async function shares(): Promise<readonly unknown[]> {
  const folders: readonly { name: string; shares: unknown }[] = JSON.parse(
    await done('folder list --json'),
  );
  return folders.map((folder) => [folder.name, folder.shares]);
}

const names = async (client: ControlClient) => (await client.retrieve('NLST /')).data.toString();

test('folders are added, shared, listed and taken back while sessions are open', async () => {
  expect(await done('folder list')).toBe('There are no shared folders.\n');
  expect(await done(`folder add Projects --path ${base}/projects --quota 1GB`)).toBe(
    `Added the folder projects. Its files are in ${base}/projects (8 bytes).\n`,
  );
  expect(await done('folder add inside')).toContain(join(server.rootDir, 'folder:inside'));
  expect(await done('folder add pictures --owner anna --directory /pictures')).toBe(
    'Added the folder pictures. Its files are charged to anna.\n',
  );
  await done('group add staff');
  await done('user group ben staff');
  expect(await done('folder share projects %staff --at /p')).toBe(
    '%staff sees the folder projects at /p and can read and change it.\n',
  );
  await done('folder share projects anna --at /projects');
  expect(await done('folder share projects Anna --at /team --read-only')).toBe(
    'Anna sees the folder projects at /team and can read it. It is no longer at /projects.\n',
  );
  expect([await names(anna), await names(ben)]).toEqual([
    '/link\r\n/pictures\r\n/team\r\n',
    '/p\r\n',
  ]);
  await done('folder share pictures ben --at /p');
  expect((await ben.retrieve('NLST /p')).data.toString()).toBe('');
  await done('folder unshare pictures ben');
  expect((await ben.retrieve('NLST /p')).data.toString()).toBe('/p/plan\r\n');
  expect(JSON.parse(await done('folder list --json'))).toEqual([
    expect.objectContaining({ name: 'inside', owner: null, usedBytes: 0, shares: [] }),
    expect.objectContaining({ name: 'pictures', owner: 'anna', directory: '/pictures' }),
    {
      ...{ name: 'projects', path: `${base}/projects`, owner: null, directory: null },
      ...{ quotaBytes: 1e9, usedBytes: 8 },
      shares: [
        { account: 'anna', group: null, at: '/team', readOnly: true },
        { account: null, group: 'staff', at: '/p', readOnly: false },
      ],
    },
  ]);
  const table = await done('folder list');
  expect(table).toMatch(/^FOLDER +DIRECTORY +CHARGED +SHARED WITH\n/);
  expect(table).toMatch(/\npictures +\S+anna\/pictures +to anna +none\n/);
  expect(table).toMatch(/\nprojects .* anna at \/team \(read-only\), %staff at \/p\n$/);
  await done('user group ben none');
  expect(await names(ben)).toBe('');
});

test('the account of a folder has its quota, and cannot log in', async () => {
  expect(await done('user list')).not.toContain('folder:');
  await done('user quota folder:projects 2GB');
  expect(JSON.parse(await done('user show folder:projects --json'))).toMatchObject({
    ...{ quotaBytes: 2e9, usedBytes: 8 },
  });
  expect(await done('user recount folder:projects')).toContain('8 bytes in 1 file');
  const client = await server.connect();
  await client.command('USER folder:projects');
  expect((await client.command('PASS ')).code).toBe(530);
});

test('what is deleted in a folder is in the trash of the folder', async () => {
  await done('folder share inside anna --at /inside');
  await done('folder share inside ben --at /deep/inside');
  await anna.command('CWD /inside');
  await anna.store('STOR report', 'octets');
  expect((await anna.command('DELE report')).code).toBe(250);
  await ben.command('CWD /deep/inside');
  const { lines } = await ben.command('SITE TRASH');
  const [, id = ''] = /X.id=([0-9a-f-]+); \/deep\/inside\/report$/m.exec(lines.join('\n')) ?? [];
  expect((await ben.command(`SITE TRASH RESTORE ${id} /report`)).lines[0]).toMatch(/^553 /);
  expect((await ben.command(`SITE TRASH RESTORE ${id}`)).lines[0]).toBe(
    '250 /deep/inside/report restored.',
  );
  await ben.command('DELE report');
  expect(JSON.parse(await done('trash list folder:inside --json'))).toMatchObject([
    { path: '/report', sizeBytes: 6 },
  ]);
  await ben.command('CWD /');
  expect((await ben.command('SITE TRASH')).lines[0]).toBe('213 The trash is empty.');
});

test('an account that shares a directory stays', async () => {
  expect((await run('user remove anna --yes')).stderr).toContain(
    'The files of anna are shared as the folder "pictures"; remove it first: folder remove pictures.',
  );
  expect((await run('user remove folder:projects --yes')).stderr).toContain(
    'remove it first: folder remove projects.',
  );
});

test('doctor tells of a directory that is gone', async () => {
  const verdicts = async () => foldersCheck.inspect(await contextFor(server.settings));
  expect(await verdicts()).toMatchObject([{ level: 'ok' }]);
  await rename(join(server.rootDir, 'anna/pictures'), join(server.rootDir, 'anna/photos'));
  await rename(join(base, 'projects'), join(base, 'away'));
  expect(await verdicts()).toMatchObject([
    { level: 'problem', text: expect.stringContaining('anna/pictures, the directory of') },
    { level: 'problem', remedy: expect.stringMatching(/^Mount its file system\. If .* write /) },
  ]);
  await rename(join(server.rootDir, 'anna/photos'), join(server.rootDir, 'anna/pictures'));
  await rename(join(base, 'away'), join(base, 'projects'));
});

test.each([
  ['folder add pictures', 1, 'There is a folder "pictures" already.'],
  ['folder add -x', 2, 'unknown option'],
  ['folder add a/b', 1, 'Folder "a/b": expected 1 to 32 of'],
  ['folder add x --owner anna', 2, '--owner and --directory belong together.'],
  [
    'folder add x --owner anna --directory /pictures --quota 1GB',
    2,
    '--quota: files of an --owner',
  ],
  ['folder add x --owner anna --directory /pictures --path /srv', 2, '--path and --owner exclude'],
  ['folder add x --owner max --directory /', 1, 'No such account: "max".'],
  ['folder add x --owner anna --directory /link', 1, '--directory /link: expected a directory of'],
  ['folder add x --owner anna --directory /no', 1, '--directory /no: expected a directory of anna'],
  ['folder add x --owner anna --directory no', 1, 'Directory "no": expected a path from the root'],
  ['folder add x --owner anna --directory /a/..', 1, 'such as /incoming, without . and ..'],
  ['folder add x --path relative', 1, 'relative is not an absolute path.'],
  ['folder share x anna --at /x', 1, 'No such folder: "x".'],
  ['folder share inside max --at /x', 1, 'No such account: "max".'],
  ['folder share inside %max --at /x', 1, 'No such group: "%max".'],
  ['folder share inside anna --at /', 1, '--at /: a folder needs a name in the tree'],
  ['folder share inside anna --at /team', 1, '--at /team: anna sees another folder there.'],
  ['folder share inside anna', 2, "required option '--at <dir>' not specified"],
  ['folder unshare projects ben', 1, 'The folder "projects" is not shared with ben.'],
  ['folder remove x --yes', 1, 'No such folder: "x".'],
])('%s is refused in a sentence, and changes nothing', async (line, code, sentence) => {
  const before = await shares();
  const refused = await run(line);
  expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(sentence)]);
  expect(await shares()).toEqual(before);
});

test('a path that overlaps with other files is refused', async () => {
  for (const path of [join(server.rootDir, 'anna'), server.settings.dataDir, `${base}/projects`]) {
    expect((await run(`folder add x --path ${path}`)).stderr).toContain('have files in common');
  }
});

test('a folder that is removed is gone from all trees, and its files stay', async () => {
  await done('folder remove projects --yes');
  expect(await names(anna)).toBe('/inside\r\n/link\r\n/pictures\r\n');
  expect((await run('user show folder:projects')).stderr).toContain('No such account');
  await done(`folder add projects --path ${base}/projects`);
  await done('folder share projects anna --at /team');
  expect((await anna.retrieve('NLST /team')).data.toString()).toBe('/team/plan\r\n');
  await done('folder remove pictures --yes');
  await done('user remove anna --yes');
});
