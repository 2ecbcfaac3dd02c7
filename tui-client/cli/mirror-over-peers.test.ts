import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ServerKind } from '../../bench/harness/server-kind.ts';
import { pureFtpd } from '../../bench/peers/pure-ftpd.ts';
import { stockFtpSrv } from '../../bench/peers/stock-ftp-srv.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { describePeers, PEERS } from '../remote/testing/peers.ts';
import { ClientProgram } from './testing/client-program.ts';

/** With the limit that Pure-FTPd has by default, but lower. */
const shortListings: ServerKind = {
  ...pureFtpd,
  name: 'pure-ftpd with a limit',
  async prepare(site, programPath) {
    const prepared = await pureFtpd.prepare(site, programPath);
    const [program, ...args] = prepared.command;
    args[args.indexOf('-L') + 1] = '20:8';
    return { ...prepared, command: [program, ...args] };
  },
};

await describePeers([...PEERS, stockFtpSrv, shortListings], ({ kind, programPath }) => {
  let client: ClientProgram;
  let server: PeerServer;
  let there: string;

  beforeAll(async () => {
    client = await ClientProgram.prepare();
  });
  afterAll(() => client?.dispose());
  beforeEach(async () => {
    server = await PeerServer.start(kind, { programPath, security: 'clear' });
    there = join(server.rootPath, WRITABLE);
  });
  afterEach(() => server?.stop());

  const url = () => `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}`;

  function run(args: readonly string[]): Promise<Outcome> {
    const all = [...args, '--plain', '--password-stdin'];
    return client.run(all, { input: server.password });
  }

  if (kind === shortListings) {
    test('a truncated listing deletes nothing', async () => {
      for (let at = 0; at < 30; at += 1) {
        await writeFile(join(there, `file-${at}`), 'x');
        await client.write(`many/file-${at}`, 'x');
      }
      const outcome = await run(['mirror', '--delete-all', url(), 'many']);
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('truncated') });
      expect(await readdir(client.path('many'))).toHaveLength(30);
    });
    return;
  }

  test('a mirror down has dot files, and nothing left to do', async () => {
    await mkdir(join(there, 'sub'));
    for (const name of ['.htaccess', 'a.txt', 'sub/b.txt']) {
      await writeFile(join(there, name), name);
    }
    await client.write('down/extra', 'extra');
    expect(await run(['mirror', '--delete', url(), 'down'])).toMatchObject({ code: 0 });
    expect((await readdir(client.path('down'))).sort()).toEqual(['.htaccess', 'a.txt', 'sub']);
    const again = await run(['mirror', '--delete', url(), 'down']);
    expect(again.stderr).toContain('3 unchanged');
  });

  test('a mirror up confirms its files and deletes the others', async () => {
    for (const name of ['.htaccess', 'a.txt']) await client.write(`up/${name}`, name);
    await writeFile(join(there, 'extra'), 'extra');
    const outcome = await run(['mirror', '--delete', 'up', url()]);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('1 deleted') });
    expect((await readdir(there)).sort()).toEqual(['.htaccess', 'a.txt']);
  });
});
