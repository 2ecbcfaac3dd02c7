import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let base: string;
let projects: string;
let server: TestServer;
let anna: ControlClient;
let ben: ControlClient;
let max: ControlClient;

async function done(line: string): Promise<string> {
  const args = [...line.split(' '), '--data', server.settings.dataDir];
  const { code, stdout, stderr } = await runCommand(args);
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout;
}

const reply = async (client: ControlClient, line: string) =>
  (await client.command(line)).lines.join('\n');

const store = async (client: ControlClient, line: string, octets: string) =>
  (await client.store(line, octets)).closing.lines[0];

const listed = async (client: ControlClient, line: string) =>
  (await client.retrieve(line)).data.toString();

const content = async (client: ControlClient, path: string) =>
  (await client.retrieve(`RETR ${path}`)).data.toString();

const inHome = (name: string, path = '') => join(server.rootDir, name, path);

/** Bytes that SITE QUOTA tells in a directory. */
async function usedBytes(client: ControlClient, directory: string): Promise<number> {
  await client.command(`CWD ${directory}`);
  const [, digits] = /^200 (\d+) /.exec(await reply(client, 'SITE QUOTA')) ?? [];
  await client.command('CWD /');
  return Number(digits);
}

/** Anna and Ben write to the folder, Max reads it. */
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'myftp-folders-'));
  projects = join(base, 'projects');
  await mkdir(projects);
  await writeFile(join(projects, 'plan.txt'), 'the plan');
  server = await TestServer.start({ settings: { keepDeletedMs: 0 } });
  anna = await server.signUp('anna');
  ben = await server.signUp('ben');
  max = await server.signUp('max');
  await done(`folder add projects --path ${projects} --quota 1000B`);
  await done('folder share projects anna --at /team');
  await done('folder share projects ben --at /work/projects');
  await done('folder share projects max --at /team --read-only');
  await mkdir(inHome('ben', 'work'));
});
afterAll(async () => {
  await server.dispose();
  await rm(base, { recursive: true });
});

test('sessions that are open see it at once, under the names that were given', async () => {
  expect(await content(anna, '/team/plan.txt')).toBe('the plan');
  expect(await content(ben, '/work/projects/plan.txt')).toBe('the plan');
  expect(await content(max, 'team/plan.txt')).toBe('the plan');
  expect(await listed(anna, 'NLST')).toBe('team\r\n');
  expect(await listed(anna, 'LIST')).toMatch(/^d\S+ .* team\r\n$/);
  expect(await listed(ben, 'MLSD work')).toMatch(/\r\ntype=dir;.*perm=celmp;.* projects\r\n$/);
  expect(await listed(max, 'MLSD')).toMatch(/\r\ntype=dir;.*perm=el;.* team\r\n$/);
  expect(await listed(max, 'MLSD /team')).toMatch(/type=file;.*perm=r;.* plan.txt\r\n$/);
  expect(await listed(anna, 'NLST t*/p*')).toBe('team/plan.txt\r\n');
});

test('the working directory, facts and checksums have the paths of the session', async () => {
  expect(await reply(ben, 'CWD work/projects')).toContain('/work/projects');
  expect(await reply(ben, 'PWD')).toContain('"/work/projects"');
  expect(await reply(ben, 'MLST plan.txt')).toMatch(/perm=adfrw;.* \/work\/projects\/plan.txt/);
  expect(await reply(ben, 'MLST')).toMatch(/type=dir;.*perm=celmp;.* \/work\/projects\n/);
  expect(await reply(ben, 'SIZE plan.txt')).toBe('213 8');
  expect(await reply(ben, 'HASH plan.txt')).toMatch(/ [0-9a-f]{64} \/?.*plan.txt/);
  expect(await reply(ben, 'CDUP')).toMatch(/^250/);
  expect(await reply(ben, 'PWD')).toContain('"/work"');
  expect(await reply(ben, 'CWD projects/../..')).toMatch(/^250/);
  expect(await reply(ben, 'PWD')).toContain('"/"');
});

test('is charged for what anyone writes, exactly, and nothing else is', async () => {
  expect(await usedBytes(max, '/team')).toBe(8);
  expect(await store(anna, 'STOR /team/a', 'x'.repeat(100))).toMatch(/^226/);
  expect(await store(ben, 'APPE /work/projects/a', 'y'.repeat(50))).toMatch(/^226/);
  expect(await store(anna, 'STOR mine', 'z')).toMatch(/^226/);
  await anna.command('CWD /team');
  expect(await reply(anna, 'SITE QUOTA')).toMatch(/^200 158 of 1000 bytes/);
  expect(await reply(anna, 'AVBL')).toBe('213 842');
  expect(await reply(anna, 'AVBL /')).not.toBe('213 842');
  await anna.command('CWD /');
  expect(await reply(anna, 'SITE QUOTA')).toMatch(/^200 1 of/);
  expect(await store(anna, 'STOR /team/large', 'x'.repeat(900))).toBe(
    '552 Quota exceeded: 0 of 1000 bytes are left. 842 bytes of /team/large are kept.',
  );
  expect(await reply(ben, 'DELE /work/projects/large')).toBe('250 /work/projects/large removed.');
  expect(await reply(ben, 'DELE /work/projects/a')).toMatch(/^250/);
  expect(await done('user recount folder:projects')).toContain('8 bytes in 1 file');
  expect(await usedBytes(ben, '/')).toBe(0);
});

test('is not changed by those who only read it', async () => {
  for (const line of ['MKD team/d', 'DELE team/plan.txt', 'SITE CHMOD 600 team/plan.txt']) {
    expect(await reply(max, line)).toMatch(/^550 You may not /);
  }
  expect(await store(max, 'STOR team/x', 'x')).toBe('550 You may not upload files here.');
  await cutUpload(anna, 'STOR /team/cut', 'octets');
  expect(await reply(ben, 'SIZE /work/projects/cut')).toBe('213 6');
  expect(await reply(max, 'SIZE /team/cut')).toBe('550 /team/cut: no such file or directory.');
  expect(await listed(max, 'NLST /team')).toBe('/team/plan.txt\r\n');
  await ben.command('REST 6');
  expect(await store(ben, 'STOR /work/projects/cut', '!')).toMatch(/^226/);
  expect(await content(max, '/team/cut')).toBe('octets!');
  expect(await reply(anna, 'DELE /team/cut')).toMatch(/^250/);
});

test('renames stay on their side of the border, and nothing is copied', async () => {
  await store(anna, 'STOR /here', 'h');
  await anna.command('RNFR /here');
  expect(await reply(anna, 'RNTO /team/there')).toBe(
    '553 /team/there: shared folders are separate from other files; upload the file there instead of moving it.',
  );
  await anna.command('RNFR /team/plan.txt');
  expect(await reply(anna, 'RNTO /plan.txt')).toMatch(/^553 \/plan.txt: shared folders/);
  await anna.command('RNFR /team/plan.txt');
  expect(await reply(anna, 'RNTO /team/plan.md')).toBe('250 Renamed to /team/plan.md.');
  await ben.command('RNFR /work/projects/plan.md');
  expect(await reply(ben, 'RNTO /work/projects/plan.txt')).toMatch(/^250/);
  expect(await readdir(inHome('anna'))).toEqual(['here', 'mine']);
});

test('keeps its name and its place', async () => {
  const kept = '550 /team: is a shared folder, which only an administrator changes.';
  for (const line of ['RMD team', 'DELE team', 'RNFR team', 'SITE CHMOD 700 team']) {
    expect(await reply(anna, line)).toBe(kept);
  }
  expect(await reply(anna, 'MKD team')).toBe('550 /team: already exists.');
  expect(await store(anna, 'STOR team', 'x')).toBe('550 /team: is a directory.');
  await anna.command('RNFR here');
  expect(await reply(anna, 'RNTO team')).toBe('550 /team: already exists.');
  expect(await reply(ben, 'RMD /work')).toBe(
    '550 /work: contains the shared folder /work/projects.',
  );
  expect(await reply(ben, 'RNFR /work')).toMatch(/^350/);
  expect(await reply(ben, 'RNTO /elsewhere')).toMatch(/^550 \/work: contains the shared folder/);
});

test('hides what the account has under its name', async () => {
  await writeFile(inHome('anna', 'team'), 'hidden');
  expect(await listed(anna, 'NLST')).toBe('here\r\nmine\r\nteam\r\n');
  expect(await listed(anna, 'NLST team')).toBe('team/plan.txt\r\n');
  await rm(inHome('anna', 'team'));
});

test('failures name the paths of the session', async () => {
  await ben.command('MKD /work/projects/d');
  await cutUpload(ben, 'STOR /work/projects/d/cut', 'octets');
  for (const [line, expected] of [
    ['RETR /team/nothing', '550 /team/nothing: no such file or directory.'],
    ['RETR /team/d', '550 /team/d: not a plain file.'],
    ['LIST /team/d/../nothing', '550 /team/nothing: no such file or directory.'],
  ] as const) {
    expect((await anna.retrieve(line)).closing.lines[0]).toBe(expected);
  }
  for (const [line, expected] of [
    ['MKD /team/d', '550 /team/d: already exists.'],
    ['CWD /team/plan.txt', '550 /team/plan.txt: not a directory.'],
    ['DELE /team/d', '550 /team/d: is a directory; use RMD.'],
    ['RMD /team/d', '550 /team/d: directory not empty, it holds the partial upload /team/d/cut.'],
  ]) {
    expect(await reply(anna, line ?? '')).toBe(expected);
  }
  await anna.command('REST 100');
  expect(await store(anna, 'STOR /team/plan.txt', 'x')).toBe(
    '554 The restart marker 100 lies beyond the end of /team/plan.txt, which has 8 bytes.',
  );
  await anna.command('CWD /team/d');
  expect(await reply(anna, 'SITE PARTIALS')).toMatch(/X.id=[0-9a-f-]+; \/team\/d\/cut\n/);
  await anna.command('CWD /');
  expect(await reply(anna, 'SITE PARTIALS')).toBe('213 No partial uploads.');
  await anna.command('DELE /team/d/cut');
  expect(await reply(anna, 'RMD /team/d')).toBe('250 /team/d removed.');
});

test('links do not lead out of it', async () => {
  await writeFile(join(base, 'secret'), 'secret');
  await symlink(join(base, 'secret'), join(projects, 'link'));
  expect((await anna.retrieve('RETR /team/link')).closing.lines[0]).toBe(
    '550 /team/link: no such file or directory.',
  );
  await rm(join(projects, 'link'));
});

test('is absent while its directory is, and logins go on', async () => {
  await rename(projects, `${projects}.away`);
  expect(await listed(anna, 'NLST')).toBe('here\r\nmine\r\n');
  expect(await reply(anna, 'CWD /team')).toBe('550 The shared folder is not available.');
  const late = await server.login('anna');
  expect(await listed(late, 'NLST')).toBe('here\r\nmine\r\n');
  expect(await reply(late, 'CWD /team')).toBe('550 /team: the shared folder is not available.');
  await rename(`${projects}.away`, projects);
  expect(await reply(late, 'CWD /team')).toMatch(/^250/);
  expect(await listed(anna, 'NLST')).toBe('here\r\nmine\r\nteam\r\n');
});

test('a directory of an account is charged to that account, and nothing beside it is reached', async () => {
  await mkdir(inHome('anna', 'pictures'));
  await writeFile(inHome('anna', 'private'), 'p');
  await symlink('../private', inHome('anna', 'pictures/link'));
  const before = await usedBytes(anna, '/');
  await done('folder add pictures --owner anna --directory /pictures');
  await done('folder share pictures ben --at /pics');
  expect(await store(ben, 'STOR /pics/a', '12345')).toMatch(/^226/);
  expect(await usedBytes(anna, '/')).toBe(before + 5);
  expect(await readFile(inHome('anna', 'pictures/a'), 'utf8')).toBe('12345');
  expect(await listed(ben, 'NLST /pics')).toBe('/pics/a\r\n');
  expect(await content(ben, '/pics/link')).toBe('');
  expect(await reply(ben, 'MLST /pics/a')).toMatch(/perm=adfrw;.* \/pics\/a/);
  expect(await reply(ben, 'MLST /pics')).toMatch(/perm=celmp;.* \/pics\n/);
  await ben.command('CWD /pics');
  expect(await reply(ben, 'SITE QUOTA')).toMatch(/^550 You may not see how much space is used/);
  await ben.command('CWD /');
  await rename(inHome('anna', 'pictures'), inHome('anna', 'photos'));
  expect(await listed(ben, 'NLST')).toBe('work\r\n');
  expect(await reply(ben, 'CWD /pics')).toMatch(/^550 \/pics: no such file or directory/);
  await rename(inHome('anna', 'photos'), inHome('anna', 'pictures'));
  expect(await content(ben, '/pics/a')).toBe('12345');
});

test('no reply tells where the account that is charged has the directory', async () => {
  await mkdir(inHome('anna', 'inner/d'), { recursive: true });
  await writeFile(inHome('anna', 'inner/f'), 'octets');
  await symlink('f', inHome('anna', 'inner/l'));
  await done('folder add inner --owner anna --directory /inner');
  await done('folder share inner ben --at /outer');
  await cutUpload(ben, 'STOR /outer/d/cut', 'octets');
  const paths = ['', '/', '/f', '/d', '/l', '/no', '/f/no', '/no/no', '/d/cut', '/../../..'];
  const verbs = [
    ...['CWD', 'SIZE', 'MDTM', 'MLST', 'HASH', 'XMD5', 'RNFR', 'MKD', 'RMD', 'DELE', 'STAT'],
    ...['SITE CHMOD 600', 'MFMT 20200101000000', 'RNTO', 'AVBL', 'PWD', 'SITE PARTIALS'],
    ...['SITE TRASH RESTORE x', 'SITE PARTIALS RECOVER x', 'SITE PARTIALS DROP', 'REST 99'],
  ];
  const told: string[] = [];
  for (const verb of verbs) {
    for (const path of paths) told.push(await reply(ben, `${verb} /outer${path}`));
  }
  for (const path of paths) {
    for (const line of ['RETR', 'LIST', 'MLSD', 'NLST']) {
      const { closing, data } = await ben.retrieve(`${line} /outer${path}`);
      told.push(closing.lines.join('\n'), data.toString());
    }
    for (const line of ['APPE', 'STOR', 'STOU']) {
      await ben.command('REST 99');
      told.push((await ben.store(`${line} /outer${path}`, 'x')).closing.lines.join('\n'));
    }
  }
  await ben.command('CWD /');
  expect(told.filter((text) => text.includes('/inner') || text.includes(server.rootDir))).toEqual(
    [],
  );
  expect(told.filter((text) => text.includes('/outer')).length).toBeGreaterThan(50);
});

test('two accounts that write one name at once leave one of the files, charged once', async () => {
  const lines = ['STOR /team/both', 'STOR /work/projects/both'] as const;
  const replies = await Promise.all([
    store(anna, lines[0], 'a'.repeat(100)),
    store(ben, lines[1], 'b'.repeat(60)),
  ]);
  expect(replies).toEqual([expect.stringMatching(/^226/), expect.stringMatching(/^226/)]);
  const left = await readFile(join(projects, 'both'), 'utf8');
  expect(left).toMatch(/^(a{100}|b{60})$/);
  expect(await usedBytes(max, '/team')).toBe(8 + left.length);
});

test('rights of an account in a folder are those that it has at that path', async () => {
  const none = { '/': 'full', '/work/projects': 'none' };
  await server.setAccess('ben', { rights: none });
  expect(await listed(ben, 'NLST work')).toBe('');
  expect(await reply(ben, 'CWD /work/projects')).toMatch(/^550 \/work\/projects: no such/);
  await server.setAccess('ben', { rights: { '/work/projects': 'upload-only' } });
  expect(await store(ben, 'STOR /work/projects/both', 'again')).toMatch(/^226/);
  expect((await readdir(projects)).filter((name) => name.startsWith('both-'))).toHaveLength(1);
  expect(await content(ben, '/work/projects/both')).toBe('');
  expect(await listed(ben, 'MLSD work')).toMatch(/type=dir;.*perm=ce;.* projects\r\n$/);
  await server.setAccess('ben', {});
});

test('a cut upload into a drop box is that of the member alone who has sent it', async () => {
  await server.setAccess('anna', { rights: { '/team': 'upload-only' } });
  await server.setAccess('ben', { rights: { '/work/projects': 'upload-only' } });
  await cutUpload(anna, 'STOR /team/half', '0123');
  expect(await reply(anna, 'SIZE /team/half')).toBe('213 4');
  expect(await reply(ben, 'SIZE /work/projects/half')).toMatch(/^550/);
  await ben.command('REST 4');
  expect(await store(ben, 'STOR /work/projects/half', 'XX')).not.toMatch(/^226/);
  await anna.command('REST 4');
  expect(await store(anna, 'STOR /team/half', '4567')).toMatch(/^226/);
  expect(await readFile(join(projects, 'half'), 'utf8')).toBe('01234567');
  await server.setAccess('anna', {});
  await server.setAccess('ben', {});
});

test('the umask of a session is also that of folders which are shared later', async () => {
  await anna.command('SITE UMASK 077');
  await done('folder share projects anna --at /later');
  await store(anna, 'STOR /later/private', 'octets');
  expect((await stat(join(projects, 'private'))).mode & 0o777).toBe(0o600);
  await done('folder share projects anna --at /team');
});

test('an upload that runs when its folder is taken away is completed', async () => {
  const data = await beginUpload(ben, 'STOR /work/projects/late', 'octets');
  await done('folder unshare projects ben');
  data.end();
  expect((await ben.reply()).lines[0]).toMatch(/^226/);
  expect(await readFile(join(projects, 'late'), 'utf8')).toBe('octets');
  expect(await reply(ben, 'SIZE /work/projects/late')).toMatch(/^550/);
});

test('is gone from sessions when it is no longer shared', async () => {
  await anna.command('CWD /team');
  await done('folder unshare projects anna');
  expect(await reply(anna, 'SIZE both')).toBe('550 /team/both: no such file or directory.');
  expect(await listed(anna, 'NLST /')).not.toContain('team');
  expect(existsSync(join(projects, 'both'))).toBe(true);
});
