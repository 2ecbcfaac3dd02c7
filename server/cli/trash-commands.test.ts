import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';
import { TRASH_DIRECTORY } from '../trash/trash-directory.ts';

let server: TestServer;
let anna: ControlClient;

beforeAll(async () => {
  server = await TestServer.start({ settings: { keepDeletedMs: 86_400_000 } });
  anna = await server.signUp();
});
afterAll(() => server.dispose());

const run = (...args: string[]) => runCommand([...args, '--data', server.settings.dataDir]);

async function deleteFile(name: string): Promise<void> {
  await anna.store(`STOR ${name}`, 'octets');
  await anna.command(`DELE ${name}`);
}

test('list shows what is kept, for people and for programs', async () => {
  expect((await run('trash', 'list', 'anna')).stdout).toBe('The trash is empty.\n');
  await deleteFile('a');
  await anna.command('MKD d');
  await anna.command('RMD d');
  const { stdout } = await run('trash', 'list', 'anna');
  expect(stdout).toMatch(
    /^ *ID +DELETED +UNTIL +SIZE +PATH\n.* directory +\/d\n.* 6 bytes +\/a\n$/,
  );
  expect(JSON.parse((await run('trash', 'list', 'anna', '--json')).stdout)).toEqual([
    expect.objectContaining({ path: '/a', kind: 'file', reason: 'deleted', sizeBytes: 6 }),
    expect.objectContaining({ path: '/d', kind: 'directory', isCharged: true }),
  ]);
});

test('restore gives a file its name back, or another, for the sessions that run', async () => {
  const [{ id }] = JSON.parse((await run('trash', 'list', 'anna', '--json')).stdout);
  expect((await run('trash', 'restore', 'anna', id, '/x/b')).stdout).toBe('Restored /x/b.\n');
  expect(String((await anna.retrieve('RETR x/b')).data)).toBe('octets');
  expect(await run('trash', 'restore', 'anna', id)).toMatchObject({
    code: 1,
    stderr: `myftp-server: ${id}: no such item in the trash.\n`,
  });
});

test('empty deletes for good, once that is confirmed', async () => {
  await deleteFile('a');
  expect(await run('trash', 'empty', 'anna', '--yes')).toMatchObject({
    stdout: 'Deleted 2 items (6 bytes) for good.\n',
  });
  expect((await anna.command('SITE TRASH')).lines).toEqual(['213 The trash is empty.']);
});

test('an unknown account is named', async () => {
  expect(await run('trash', 'list', 'nemo')).toMatchObject({
    code: 1,
    stderr: 'myftp-server: No such account: "nemo".\n',
  });
});

test('the removal of an account removes its trash, even if its files stay', async () => {
  await deleteFile('a');
  await anna.store('STOR kept', 'octets');
  expect(await readdir(join(server.rootDir, TRASH_DIRECTORY))).toEqual(['1']);
  await run('user', 'remove', 'anna', '--yes');
  expect(await readdir(join(server.rootDir, TRASH_DIRECTORY))).toEqual([]);
  expect(await readdir(join(server.rootDir, 'anna'))).toContain('kept');
});
