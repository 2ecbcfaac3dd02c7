import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stockFtpSrv } from '../../bench/peers/stock-ftp-srv.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { describePeers, PEERS } from '../remote/testing/peers.ts';
import { ClientProgram } from './testing/client-program.ts';

await describePeers([stockFtpSrv, ...PEERS], ({ kind, ...start }) => {
  describe('mirror --checksum, as the server computes none,', () => {
    let client: ClientProgram;
    let server: PeerServer;

    beforeAll(async () => {
      client = await ClientProgram.prepare();
      server = await PeerServer.start(kind, start);
    });
    afterAll(async () => {
      await server?.stop();
      await client?.dispose();
    });

    test.each(['upload', 'download'])('says so and changes nothing (%s)', async (direction) => {
      const theirs = join(server.rootPath, WRITABLE, 'a.txt');
      await client.write('site/a.txt', 'ours');
      await writeFile(theirs, 'theirs');
      const url = `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}`;
      const sides = direction === 'upload' ? ['site', url] : [url, 'site'];
      const args = ['mirror', '--checksum', '--delete', ...sides, '--plain', '--password-stdin'];
      const outcome = await client.run(args, { input: server.password });
      expect(outcome).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining(
          'The server does not support checksums. Without --checksum, sizes and times are compared.',
        ),
      });
      expect(await readFile(theirs, 'utf8')).toBe('theirs');
      expect(String(await client.read('site/a.txt'))).toBe('ours');
    });
  });
});
