/** What differs from server to server, with servers of the field. */
import { appendFile, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServerKind } from '../../bench/harness/server-kind.ts';
import { proftpd } from '../../bench/peers/proftpd.ts';
import { pureFtpd } from '../../bench/peers/pure-ftpd.ts';
import { pyftpdlib } from '../../bench/peers/pyftpdlib.ts';
import { stockFtpSrv } from '../../bench/peers/stock-ftp-srv.ts';
import { vsftpd } from '../../bench/peers/vsftpd.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const MINUTE_MS = 60_000;

/** Lists times five and a half hours ahead of UTC, and shifts MDTM alike: only the user can know it. */
const vsftpdInKolkata: ServerKind = {
  ...vsftpd,
  name: 'vsftpd in another time zone',
  async prepare(site, programPath) {
    const { command, ...prepared } = await vsftpd.prepare(site, programPath);
    await appendFile(command[1] ?? '', 'use_localtime=YES\n');
    return { ...prepared, command: ['/usr/bin/env', 'TZ=Asia/Kolkata', ...command] };
  },
};

const kinds = [vsftpd, vsftpdInKolkata, pureFtpd, proftpd, pyftpdlib, stockFtpSrv];

for (const kind of kinds) {
  const installation = await kind.find();
  if ('missing' in installation) {
    test.skip(`with ${kind.name}: ${installation.missing}`, () => {});
    continue;
  }
  const { programPath } = installation;
  describe(`with ${kind.name}`, () => journeys(kind, programPath));
}

function journeys(kind: ServerKind, programPath: string): void {
  let client: ClientProgram;
  let server: PeerServer;
  let there: string;

  beforeAll(async () => {
    client = await ClientProgram.prepare();
    server = await PeerServer.start(kind, { programPath, security: 'clear' });
    there = join(server.rootPath, WRITABLE);
  });
  afterAll(async () => {
    await server?.stop();
    await client?.dispose();
  });

  const url = (path: string) => `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}${path}`;

  async function run(...args: readonly string[]): Promise<Outcome> {
    const all = [...args, '--plain', '--password-stdin'];
    const outcome = await client.run(all, { input: server.password });
    expect(outcome).toMatchObject({ code: 0 });
    return outcome;
  }

  test('an empty directory is empty', async () => {
    await mkdir(join(there, 'empty'));
    expect(await run('ls', url('/empty'))).toMatchObject({ stdout: '', stderr: '' });
  });

  test('files come by PASV alone', async () => {
    await writeFile(join(there, 'file'), 'content');
    const { stdout, stderr } = await run('cat', '--pasv', '-v', url('/file'));
    expect(stdout).toBe('content');
    expect(stderr).toContain('> PASV');
    expect(stderr).not.toContain('> EPSV');
  });

  test('times are those of the files', async () => {
    const changedMs = Math.floor(Date.now() / 1000 - 100_000) * 1000;
    await mkdir(join(there, 'times'));
    const path = join(there, 'times', 'file');
    await writeFile(path, 'content');
    await utimes(path, changedMs / 1000, changedMs / 1000);
    const offset = kind === vsftpdInKolkata ? ['--time-offset', '+05:30'] : [];
    await client.run(['sites', 'add', 'here', url('/times'), '--plain', ...offset]);
    const [entry] = jsonLines(await run('ls', '--json', 'here:'));
    expect(entry).toMatchObject({ name: 'file', mode: '0644' });
    const { modified, modifiedAbout } = entry ?? {};
    const shownMs = Date.parse(String(modified ?? modifiedAbout));
    const precisionMs = modified === undefined ? MINUTE_MS : 1000;
    expect(changedMs - shownMs).toBeGreaterThanOrEqual(0);
    expect(changedMs - shownMs).toBeLessThan(precisionMs);
  });

  test('a mirror finds one changed file of equal size', async () => {
    await mkdir(join(there, 'tree'));
    for (const name of ['a', 'b']) await writeFile(join(there, 'tree', name), 'before');
    await run('mirror', url('/tree'), 'tree');
    await writeFile(join(there, 'tree', 'b'), 'after!');
    const secondsFromNow = Date.now() / 1000 + 10;
    await utimes(join(there, 'tree', 'b'), secondsFromNow, secondsFromNow);
    const { stderr } = await run('mirror', url('/tree'), 'tree');
    expect(stderr).toContain('1 unchanged');
    expect((await client.read('tree/b')).toString()).toBe('after!');
  });
}
