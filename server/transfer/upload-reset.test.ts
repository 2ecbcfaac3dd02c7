import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

describe.each(['plain', 'TLS'])('an upload over a %s data connection', (kind) => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    client = await server.signUp();
    if (kind === 'TLS') client = await server.loginWithTls();
  });
  afterAll(() => server.dispose());

  test('that is reset right behind its last octets is never published', async () => {
    for (let round = 0; round < 30; round += 1) {
      const socket = await client.openPlainData();
      expect((await client.command(`STOR file-${round}`)).code).toBe(150);
      const data = kind === 'TLS' ? client.protect(socket) : socket;
      if (kind === 'TLS') await once(data, 'secureConnect');
      await write(data, Buffer.alloc(1 + round * 5000, 'octets'));
      socket.resetAndDestroy();
      expect((await client.reply()).code).toBe(426);
    }
    expect(await readdir(join(server.rootDir, 'anna'))).toEqual([]);
  });
});

function write(data: Socket, octets: Buffer): Promise<void> {
  return new Promise((resolve) => data.write(octets, () => resolve()));
}
