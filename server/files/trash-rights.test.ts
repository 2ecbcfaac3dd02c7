import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;
let client: ControlClient;
let count = 0;

beforeAll(async () => {
  server = await TestServer.start({ settings: { keepDeletedMs: 86_400_000 } });
});
afterAll(() => server.dispose());
beforeEach(async () => {
  count += 1;
  client = await server.signUp(`anna${count}`);
  await client.command('MKD in');
  for (const name of ['in/a', 'b']) {
    await client.store(`STOR ${name}`, 'text');
    await client.command(`DELE ${name}`);
  }
});

const grant = (rights: Readonly<Record<string, string>>) =>
  server.setAccess(`anna${count}`, { rights });
const answer = async (line: string) => (await client.command(line)).lines.join('\n');
const exists = (name: string) => existsSync(join(server.rootDir, `anna${count}`, name));

async function idOf(path: string): Promise<string> {
  const line = (await answer('SITE TRASH')).split('\n').find((one) => one.endsWith(` ${path}`));
  return /X\.id=([^;]+);/.exec(line ?? '')?.[1] ?? '';
}

test('what was deleted in a drop box is neither seen, restored nor dropped', async () => {
  const id = await idOf('/in/a');
  await grant({ '/': 'full', '/in': 'upload-only' });
  expect(await answer('SITE TRASH')).not.toContain('/in/a');
  for (const verb of ['RESTORE', 'DROP']) {
    expect(await answer(`SITE TRASH ${verb} ${id}`)).toBe(`550 ${id}: no such item in the trash.`);
    expect(await answer(`SITE TRASH ${verb} ${id} /c`)).toMatch(/^(550|501) /);
  }
  expect(await answer('SITE TRASH EMPTY')).toContain('1 ');
  await grant({});
  expect(await answer('SITE TRASH')).toContain('/in/a');
});

test('a reader restores nothing and drops nothing', async () => {
  const id = await idOf('/b');
  await grant({ '/': 'read-only' });
  expect(await answer(`SITE TRASH RESTORE ${id}`)).toBe('550 You may not upload files here.');
  expect(await answer(`SITE TRASH DROP ${id}`)).toBe('550 You may not delete files here.');
  expect(await answer('SITE TRASH EMPTY')).toContain('0 ');
  await grant({});
  expect(await answer('SITE TRASH')).toContain(' /b');
});

test('a restore creates no directory without the right to', async () => {
  const id = await idOf('/b');
  await grant({ '/': 'list,read,write' });
  expect(await answer(`SITE TRASH RESTORE ${id} /new/b`)).toBe(
    '550 You may not create directories here.',
  );
  expect(exists('new')).toBe(false);
  expect(await answer(`SITE TRASH RESTORE ${id}`)).toBe('250 /b restored.');
});

test('a restore gives no name that the account may not give', async () => {
  const id = await idOf('/b');
  await server.setAccess(`anna${count}`, { deniedNames: ['*.exe'] });
  expect(await answer(`SITE TRASH RESTORE ${id} /b.exe`)).toMatch(/^553 /);
  expect(exists('b.exe')).toBe(false);
});
