import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

const MAX_BYTES = 10;
const TOO_LARGE = `552 Files of more than ${MAX_BYTES} bytes are not allowed.`;

let server: TestServer;
let client: ControlClient;
let count = 0;

beforeAll(async () => {
  server = await TestServer.start({ settings: { maxUploadBytes: MAX_BYTES } });
});
afterAll(() => server.dispose());
beforeEach(async () => {
  count += 1;
  client = await server.signUp(`anna${count}`);
});

const home = (name = '') => join(server.rootDir, `anna${count}`, name);
const store = async (line: string, size: number) =>
  (await client.store(line, 'x'.repeat(size))).closing.lines.join();
const answer = async (line: string) => (await client.command(line)).lines.join();

/** Nothing of a refused upload is left: no file, no partial, no charge. */
async function expectNothingKept(): Promise<void> {
  expect(await readdir(home())).toEqual([]);
  expect(await answer('SITE PARTIALS')).toBe('213 No partial uploads.');
  expect(await answer('SITE QUOTA')).toMatch(/^200 0 of .*; 0 of|^200 0 of .*; 0 files/);
}

describe('the largest upload', () => {
  test('is the limit itself, and one octet more is refused', async () => {
    expect(await store('STOR a', MAX_BYTES)).toBe('226 Transfer complete.');
    await client.command('DELE a');
    for (const line of ['STOR a', 'STOU', 'APPE a']) {
      expect(await store(line, MAX_BYTES + 1)).toBe(TOO_LARGE);
      await expectNothingKept();
    }
  });

  test('is refused as soon as it is exceeded, while the client goes on', async () => {
    const data = await beginUpload(client, 'STOR a', 'x'.repeat(MAX_BYTES));
    data.write('x');
    expect((await client.reply()).lines).toEqual([TOO_LARGE]);
    data.destroy();
    await expectNothingKept();
  });

  test('is refused at ALLO and SITE EXPECT, before anything is sent', async () => {
    expect(await answer(`ALLO ${MAX_BYTES + 1}`)).toBe(TOO_LARGE);
    expect(await answer(`ALLO ${MAX_BYTES}`)).toMatch(/^200/);
    await client.command(`SITE EXPECT MD5 ${'0'.repeat(32)} ${MAX_BYTES + 1}`);
    expect((await client.store('STOR a', 'x')).opening.lines).toEqual([TOO_LARGE]);
  });

  test('is not got round by appending, resuming or by lines in TYPE A', async () => {
    await store('STOR a', 8);
    expect(await store('APPE a', 3)).toBe(TOO_LARGE);
    expect(await readFile(home('a'), 'utf8')).toBe('x'.repeat(8));
    await client.command('REST 8');
    expect(await store('STOR a', 3)).toBe(TOO_LARGE);
    await client.command('DELE a');
    await cutUpload(client, 'STOR a', 'x'.repeat(8));
    await client.command('REST 8');
    expect(await store('STOR a', 3)).toBe(TOO_LARGE);
    await client.command('TYPE A');
    expect(await store('STOR a', 11)).toBe(TOO_LARGE);
    await expectNothingKept();
  });

  test('counts what others have appended meanwhile', async () => {
    await store('STOR a', 2);
    const data = await beginUpload(client, 'APPE a', 'x'.repeat(6));
    const other = await server.login(`anna${count}`);
    expect((await other.store('APPE a', 'y'.repeat(6))).closing.code).toBe(226);
    data.end();
    expect((await client.reply()).lines).toEqual([TOO_LARGE]);
    expect(await readFile(home('a'), 'utf8')).toBe(`xx${'y'.repeat(6)}`);
  });

  test('of an account comes before that of the server, in both directions', async () => {
    await server.setAccess(`anna${count}`, { maxUploadBytes: 20 });
    expect(await store('STOR a', 20)).toBe('226 Transfer complete.');
    expect(await store('STOR b', 21)).toBe('552 Files of more than 20 bytes are not allowed.');
    await server.setAccess(`anna${count}`, { maxUploadBytes: 5 });
    expect(await store('STOR b', 6)).toBe('552 Files of more than 5 bytes are not allowed.');
  });
});

describe('names', () => {
  const limit = (allowedNames: readonly string[], deniedNames: readonly string[]) =>
    server.setAccess(`anna${count}`, { allowedNames, deniedNames });
  const refusal = (name: string) => `553 ${name}: names like this are not allowed.`;

  test.each(['a.exe', 'A.EXE', '.htaccess', 'a.exe.', 'a.exe ', '.HT'])(
    'that are denied cannot be given by any command: %s',
    async (name) => {
      await limit([], ['*.exe', '.ht*']);
      for (const line of [`STOR ${name}`, `APPE ${name}`, `STOU ${name}`]) {
        expect(await store(line, 1)).toBe(refusal(name));
      }
      expect(await answer(`MKD ${name}`)).toBe(refusal(name));
      await store('STOR good', 1);
      await client.command('RNFR good');
      expect(await answer(`RNTO ${name}`)).toBe(refusal(name));
      await cutUpload(client, 'STOR part', 'x');
      const id = /X\.id=([^;]+)/.exec(await answer('SITE PARTIALS'))?.[1];
      expect(await answer(`SITE PARTIALS RECOVER ${id} ${name}`)).toBe(refusal(name));
      expect(await readdir(home())).toEqual(['good']);
    },
  );

  test('that are not allowed are refused, and a denied one is even if it is allowed', async () => {
    await limit(['*.pdf', '[0-9]*'], ['secret*']);
    expect(await store('STOR a.pdf', 1)).toMatch(/^226/);
    expect(await store('STOU b.PDF', 1)).toMatch(/^226/);
    expect(await answer('MKD 2027')).toMatch(/^257/);
    expect(await store('STOR a.txt', 1)).toBe(refusal('a.txt'));
    expect(await store('STOU', 1)).toMatch(/^553 upload: /);
    expect(await store('STOR secret.pdf', 1)).toBe(refusal('secret.pdf'));
  });

  test('of what a link leads to count, too', async () => {
    await writeFile(home('real.exe'), 'old');
    await symlink('real.exe', home('link.txt'));
    await limit([], ['*.exe']);
    expect(await store('STOR link.txt', 1)).toBe(refusal('real.exe'));
    expect(await readFile(home('real.exe'), 'utf8')).toBe('old');
  });

  test('that exist can still be read, renamed to others and deleted', async () => {
    await writeFile(home('old.exe'), 'old');
    await limit([], ['*.exe']);
    expect((await client.retrieve('RETR old.exe')).closing.code).toBe(226);
    await client.command('RNFR old.exe');
    expect(await answer('RNTO old.txt')).toMatch(/^250/);
  });
});
