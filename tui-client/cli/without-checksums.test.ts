import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { proftpd } from '../../bench/peers/proftpd.ts';
import { stockFtpSrv } from '../../bench/peers/stock-ftp-srv.ts';
import { vsftpd } from '../../bench/peers/vsftpd.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { ClientProgram } from './testing/client-program.ts';

const found = await Promise.all(
  [stockFtpSrv, vsftpd, proftpd].map(async (kind) => ({ kind, installation: await kind.find() })),
);

for (const { kind, installation } of found) {
  if ('missing' in installation) {
    test.skip(`mirror --checksum with ${kind.name}: ${installation.missing}`, () => {});
    continue;
  }
  const { programPath } = installation;
  describe(`mirror --checksum with ${kind.name}, which computes none,`, () => {
    let client: ClientProgram;
    let server: PeerServer;

    beforeAll(async () => {
      client = await ClientProgram.build();
      server = await PeerServer.start(kind, { programPath, security: 'clear' });
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
          'The server computes no checksums. Without --checksum, sizes and times are compared.',
        ),
      });
      expect(await readFile(theirs, 'utf8')).toBe('theirs');
      expect(String(await client.read('site/a.txt'))).toBe('ours');
    });
  });
}
