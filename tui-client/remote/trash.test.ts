import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import type { SessionLink } from './connection/session-link.ts';
import type { RemoteSession } from './remote-session.ts';
import { connectAnna } from './testing/test-site.ts';
import { RemoteTrash } from './trash.ts';

const KEEP_MS = 86_400_000;

let server: TestServer;
let anna: ControlClient;
let session: RemoteSession;

beforeAll(async () => {
  server = await TestServer.start({ settings: { keepDeletedMs: KEEP_MS } });
  anna = await server.signUp();
  session = await connectAnna(server.port, { tls: 'none' });
});
afterAll(async () => {
  await session?.close();
  await server.dispose();
});

test('deleted files are listed with what is known of them', async () => {
  await anna.store('STOR a; b=c.txt', 'first');
  await anna.store('STOR a; b=c.txt', 'second');
  await anna.command('MKD d');
  await anna.command('RMD d');
  const [directory, file] = await session.trash.list();
  expect(directory).toMatchObject({ path: '/d', kind: 'directory', isReplaced: false });
  expect(file).toMatchObject({ path: '/a; b=c.txt', kind: 'file', sizeBytes: 5, isReplaced: true });
  expect((file?.expiresMs ?? 0) - (file?.deletedMs ?? 0)).toBe(KEEP_MS);
});

test('what they hold counts as free space', async () => {
  const limitBytes = 1024 ** 3;
  const [usedBytes, freeBytes] = [11, limitBytes - 6];
  expect(await session.quota()).toEqual({ usedBytes, limitBytes, freeBytes });
});

test('a name that is taken is a failure of its own kind, an unknown id another', async () => {
  const id = (await session.trash.list()).at(-1)?.id ?? '';
  await expect(session.trash.restore(id)).rejects.toMatchObject({ kind: 'exists' });
  await expect(session.trash.restore('none')).rejects.toMatchObject({ kind: 'missing' });
  await session.trash.drop(id);
  await session.trash.empty();
  expect(await session.trash.list()).toEqual([]);
});

test('lines that are none are left out', async () => {
  const lines = ['type=file;size=1; /no id', 'nothing', 'type=dir;X.id=7;', 'x.id=8; /fine', ''];
  const text = ['213-Files:', ...lines.map((line) => ` ${line}`), '213 End.'].join('\n');
  const control = { ask: async () => ({ code: 213, text }) };
  const link = { use: (task: (one: unknown) => unknown) => task({ control }) };
  const trash = new RemoteTrash(link as unknown as SessionLink);
  const file = { id: '8', path: '/fine', kind: 'other', sizeBytes: 0, isReplaced: false };
  expect(await trash.list()).toEqual([{ ...file, deletedMs: undefined, expiresMs: undefined }]);
});
