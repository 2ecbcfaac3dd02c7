import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { UNLIMITED } from '../quota/unlimited.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

const QUOTA = 100_000;

let server: TestServer;
let client: ControlClient;
let username: string;
let accounts = 0;

beforeAll(async () => {
  server = await TestServer.start({ settings: { keepDeletedMs: 86_400_000 } });
});
afterAll(() => server.dispose());

beforeEach(async () => {
  accounts += 1;
  username = `cam${accounts}`;
  client = await server.signUp(username);
  for (const directory of ['camera', 'camera/day', 'other'])
    await client.command(`MKD ${directory}`);
  await server.setQuota(username, QUOTA);
  await rule('--directory /camera --oldest-first');
});

async function rule(options: string): Promise<void> {
  await run(`user retention ${username} ${options}`);
}

async function store(path: string, bytes: number, from = client): Promise<string | undefined> {
  const { closing } = await from.store(`STOR ${path}`, Buffer.alloc(bytes));
  // So that each file has a later time than the one before.
  await new Promise((resolve) => setTimeout(resolve, 5));
  return closing.lines[0]?.slice(0, 3);
}

async function names(directory = 'camera'): Promise<string[]> {
  return (await readdir(join(server.rootDir, username, directory))).sort();
}

/** What is left of the quota. */
async function room(): Promise<number> {
  return Number((await client.command('AVBL')).lines[0]?.slice(4));
}

test('an upload into a full account deletes the oldest files beneath its rule, and no more', async () => {
  await store('other/kept', 10_000);
  await store('camera/1', 30_000);
  await store('camera/day/2', 30_000);
  await store('camera/3', 30_000);
  await client.command('MFMT 20000101000000 camera/3');
  expect(await store('camera/4', 40_000)).toBe('226');
  expect([await names(), await names('camera/day')]).toEqual([['3', '4', 'day'], []]);
  expect([await names('other'), await room()]).toEqual([['kept'], 20_000]);
  expect(await store('camera/5', 20_000)).toBe('226');
  expect([await names(), await room()]).toEqual([['3', '4', '5', 'day'], 0]);
});

test('an upload elsewhere is refused, and nothing is deleted for it', async () => {
  await store('camera/1', 90_000);
  expect(await store('other/2', 20_000)).toBe('552');
  expect(await names()).toEqual(['1', 'day']);
});

test('what cannot fit is refused before anything is deleted, if ALLO says its size', async () => {
  await store('other/kept', 10_000);
  await store('camera/1', 80_000);
  const allocated = async (bytes: number, path: string) => {
    const { code } = await client.command(`ALLO ${bytes}`);
    return [code, await store(path, bytes)];
  };
  expect(await allocated(90_001, 'camera/2')).toEqual([200, '552']);
  expect(await allocated(20_000, 'other/2')).toEqual([200, '552']);
  expect(await names()).toEqual(['1', 'day']);
  expect(await allocated(90_000, 'camera/2')).toEqual([200, '226']);
  expect([await names(), await room()]).toEqual([['2', 'day'], 0]);
  await rule('--directory /camera --default');
  expect(await allocated(1, 'camera/3')).toEqual([552, '552']);
});

test('a file that is being replaced, read or resumed is not deleted', async () => {
  await store('camera/replaced', 20_000);
  await store('camera/claimed', 20_000);
  await store('camera/old', 20_000);
  await cutUpload(client, 'STOR camera/claimed', Buffer.alloc(10_000));
  await store('camera/new', 25_000);
  const other = await server.login(username);
  const upload = await beginUpload(other, 'STOR camera/replaced', Buffer.alloc(1000));
  upload.end(Buffer.alloc(5000));
  expect((await other.reply()).code).toBe(226);
  expect(await names()).toEqual(['claimed', 'day', 'new', 'replaced']);
});

test('the limit of files makes room in the same way, for files and directories', async () => {
  await rule('--directory /camera --oldest-first --remove-empty');
  await server.setEntryLimit(username, 6);
  for (const name of ['camera/day/1', 'camera/2', 'camera/3']) await store(name, 10);
  expect(await store('camera/4', 10)).toBe('226');
  expect(await names()).toEqual(['2', '3', '4']);
  expect((await client.command('MKD camera/new')).code).toBe(257);
  expect((await client.command('MKD camera/newer')).code).toBe(257);
  expect(await names()).toEqual(['3', '4', 'new', 'newer']);
  expect((await client.command('MKD camera/new')).code).toBe(550);
  expect((await client.command('MKD other/new')).code).toBe(552);
  expect(await names()).toEqual(['3', '4', 'new', 'newer']);
});

test('deleted files and partial uploads make room first', async () => {
  await store('camera/1', 40_000);
  await store('camera/2', 40_000);
  await client.command('DELE camera/2');
  expect(await store('camera/3', 50_000)).toBe('226');
  expect(await names()).toEqual(['1', '3', 'day']);
});

test('a dry run shows what would go for an upload, in that order, and the room before that', async () => {
  await store('other/kept', 10_000);
  for (const path of ['camera/day/1', 'camera/2', 'camera/3', 'other/deleted'])
    await store(path, 20_000);
  await client.command('DELE other/deleted');
  await client.command('MFMT 20000101000000 camera/3');
  const look = { directory: '/camera', files: 3, bytes: 60_000, inUse: 0, roomBytes: 30_000 };
  const [found] = await dryRun();
  expect(found).toMatchObject({ ...look, roomFiles: null });
  expect(pathsOf(found)).toEqual(['/camera/day/1', '/camera/2', '/camera/3']);
  expect(await store('camera/4', 30_000)).toBe('226');
  expect(await names('camera/day')).toEqual(['1']);
  expect(await store('camera/5', 1)).toBe('226');
  expect([await names('camera/day'), await names()]).toEqual([[], ['2', '3', '4', '5', 'day']]);
  expect(pathsOf((await dryRun())[0])).toEqual([
    '/camera/2',
    '/camera/3',
    '/camera/4',
    '/camera/5',
  ]);
});

test('a dry run says in a sentence how much room is left, and deletes nothing', async () => {
  await server.setEntryLimit(username, 6);
  await store('camera/1', 10_000);
  await store('camera/2', 10_000);
  const shown = await run(`retention run ${username} --dry-run`);
  const sum = '2 files (19.5 KiB) to delete, the oldest first, when uploads need more than';
  expect(shown).toContain(`${username} /camera: ${sum} 78.1 KiB or 1 file.\n`);
  expect(shown).toMatch(/\n20\d\d-.* +9\.8 KiB +\/camera\/1\n.* \/camera\/2\n$/);
  expect(await run(`retention run ${username}`)).toBe('Nothing is old enough.\n');
  expect(await names()).toEqual(['1', '2', 'day']);
});

test('a dry run leaves out files in use, and accounts that are never full', async () => {
  await store('camera/replaced', 20_000);
  await store('camera/old', 10_000);
  const other = await server.login(username);
  const upload = await beginUpload(other, 'STOR camera/replaced', 'octets');
  const [found] = await dryRun();
  expect(found).toMatchObject({ files: 1, bytes: 10_000, inUse: 1 });
  expect(pathsOf(found)).toEqual(['/camera/old']);
  upload.end();
  expect((await other.reply()).code).toBe(226);
  await server.setQuota(username, UNLIMITED);
  expect(await dryRun()).toEqual([]);
});

test('what was deleted is told in the audit log', async () => {
  await store('camera/1', 90_000);
  await store('camera/2', 90_000);
  expect(await auditLine()).toMatchObject({
    ...{ username, path: '/camera/1', reason: 'quota', sizeBytes: 90_000 },
  });
});

async function run(line: string): Promise<string> {
  const args = [...line.split(' '), '--data', server.settings.dataDir];
  const { code, stdout, stderr } = await runCommand(args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** What the rules of the account for full accounts would delete. */
async function dryRun() {
  const accounts = JSON.parse(await run(`retention run ${username} --dry-run --json`));
  return accounts.flatMap(({ oldestFirst }: { oldestFirst: object[] }) => oldestFirst);
}

function pathsOf({ named }: { readonly named: readonly { readonly path: string }[] }) {
  return named.map(({ path }) => path);
}

/** Events are written shortly after they happen. */
async function auditLine(): Promise<unknown> {
  const args = ['audit', '--user', username, '--kind', 'retention', '--json'];
  for (;;) {
    const { stdout } = await runCommand([...args, '--data', server.settings.dataDir]);
    if (stdout !== '') return JSON.parse(stdout);
  }
}
