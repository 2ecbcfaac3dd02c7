import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STAGING_DIRECTORY } from '../../server/disk/staging-directory.ts';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { until } from '../journeys/server-process.ts';
import { only, VERSIONS } from './tls-version.ts';

const RECORD_BYTES = 16 * 1024;
const SIZES = [0, 1, RECORD_BYTES, 64 * 1024 - 1, 64 * 1024 + 1, 256 * 1024, 5_000_000];

describe.each(VERSIONS)('uploads over %s', (version) => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    await (await server.signUp()).close();
    client = await server.loginWithTls(only(version));
  });
  afterAll(() => server.dispose());

  test.each(SIZES)('%i octets arrive as they were sent', async (sizeBytes) => {
    const content = randomBytes(sizeBytes);
    const { closing } = await client.store('STOR file.bin', content);
    expect(closing.code).toBe(226);
    expect((await readFile(join(server.rootDir, 'anna/file.bin'))).equals(content)).toBe(true);
  });

  test.each(['STOR', 'APPE'])('an upload is continued at an offset by %s', async (verb) => {
    const content = randomBytes(1_000_000);
    for (const offset of [1, RECORD_BYTES, 200_000, 999_999]) {
      const name = `resumed-${verb}-${offset}`;
      await client.store(`STOR ${name}`, content.subarray(0, offset));
      if (verb === 'STOR') await client.command(`REST ${offset}`);
      const { closing } = await client.store(`${verb} ${name}`, content.subarray(offset));
      expect(closing.code).toBe(226);
      const stored = await readFile(join(server.rootDir, 'anna', name));
      expect([offset, stored.equals(content)]).toEqual([offset, true]);
    }
  });

  test('few octets do not wait for more', async () => {
    const data = await client.openData();
    expect((await client.command('STOR slow.bin')).code).toBe(150);
    data.write('few');
    await until(async () => (await stagedBytes(server.rootDir)) === 3);
    data.end();
    expect((await client.reply()).code).toBe(226);
  });

  test('uploads side by side do not mix', async () => {
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => server.loginWithTls(only(version))),
    );
    const contents = clients.map(() => randomBytes(3_000_000));
    await Promise.all(
      clients.map((one, number) => one.store(`STOR side${number}`, contents[number] ?? '')),
    );
    for (const [number, content] of contents.entries()) {
      const stored = await readFile(join(server.rootDir, `anna/side${number}`));
      expect(stored.equals(content)).toBe(true);
    }
    await Promise.all(clients.map((one) => one.close()));
  });
});

async function stagedBytes(rootDir: string): Promise<number> {
  const directory = join(rootDir, STAGING_DIRECTORY);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('server.lock'));
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
