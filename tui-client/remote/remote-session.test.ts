import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import type { Site } from '../sites/site.ts';
import { connectSite } from './connect-site.ts';
import type { RemoteSession } from './remote-session.ts';

const PASSWORD = 'correct horse';

function siteOf(port: number, tls: Site['tls']): Site {
  return {
    id: `anna@127.0.0.1:${port}`,
    name: undefined,
    host: '127.0.0.1',
    port,
    tls,
    username: 'anna',
    remotePath: undefined,
    localPath: undefined,
  };
}

async function* chunksOf(content: Buffer, chunkBytes = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += chunkBytes)
    yield content.subarray(at, at + chunkBytes);
}

describe.each(['none', 'explicit', 'implicit'] as const)('over TLS %s', (tls) => {
  let server: TestServer;
  let session: RemoteSession;

  beforeAll(async () => {
    const settings = tls === 'none' ? {} : { tls: 'optional' as const, implicitPort: 0 };
    server = await TestServer.start({ settings });
    await server.signUp();
    const port = tls === 'implicit' ? server.implicitPort : server.port;
    session = await connectSite(siteOf(port, tls), {
      password: async () => PASSWORD,
      trust: async () => 'once',
    });
  });
  afterAll(async () => {
    await session?.close();
    await server.dispose();
  });

  test('uploads, lists, downloads and removes', async () => {
    const content = randomBytes(3_000_000);
    await session.place.makeDirectory('/a/b');
    const receipt = await session.upload('/a/b/file.bin', { source: chunksOf(content) });
    expect(receipt.message).toContain('226');
    expect((await readFile(join(server.rootDir, 'anna/a/b/file.bin'))).equals(content)).toBe(true);
    const entries = [];
    for await (const batch of session.place.list('/a/b')) entries.push(...batch);
    expect(entries).toMatchObject([{ name: 'file.bin', kind: 'file', sizeBytes: 3_000_000 }]);
    const got: Buffer[] = [];
    await session.download('/a/b/file.bin', {
      sink: (octets) => {
        got.push(Buffer.from(octets));
        return undefined;
      },
    });
    expect(Buffer.concat(got).equals(content)).toBe(true);
    await session.place.remove('/a');
    expect(await session.place.stat('/a')).toBeUndefined();
    expect(await session.workingDirectory()).toBe('/');
  });
});
