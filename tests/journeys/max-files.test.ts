import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../db/open-database.ts';
import { entriesOnDisk } from '../../server/testing/bytes-on-disk.ts';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { beginUpload } from '../../server/testing/cut-upload.ts';
import { undoEntries } from '../../server/testing/undo-entries.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import { isInstalled, run } from '../clients/program.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';
const LIMIT = 30;

describe('myftp-server --max-files', () => {
  let server: ServerProcess;
  let anna: ControlClient;

  beforeEach(async () => {
    const directory = await ServerProcess.makeDirectory();
    server = await ServerProcess.start(directory, '--max-files', String(LIMIT));
    anna = await server.signUp('anna', PASSWORD);
  });
  afterEach(() => server.dispose());

  async function used(client = anna): Promise<number> {
    const { lines } = await client.command('SITE QUOTA');
    return Number(/; (\d+) of \d+ files and directories\.$/.exec(lines[0] ?? '')?.[1]);
  }
  const onDisk = () => entriesOnDisk(server.home('anna'));

  async function restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await server.end(signal);
    server = await ServerProcess.start(server.directory);
    await untilMeasured(server.directory);
    anna = await server.login('anna', PASSWORD);
  }

  const hasLftp = isInstalled('lftp');
  (hasLftp ? test : test.skip)(
    `stops a mirror of lftp at the limit${hasLftp ? '' : ' (lftp is missing)'}`,
    async () => {
      const local = await mkdtemp(join(tmpdir(), 'myftp-mirror-'));
      try {
        for (const name of ['a', 'b', 'c', 'd']) {
          await mkdir(join(local, name));
          for (let count = 0; count < 10; count += 1) {
            await writeFile(join(local, name, `f${count}`), `${count}`);
          }
        }
        const script = [
          'set ftp:ssl-allow no',
          'set net:max-retries 1',
          'set net:timeout 20',
          `open -u anna,"${PASSWORD}" -p ${server.port} 127.0.0.1`,
          `mirror -R --parallel=4 ${local} m`,
        ];
        const { code, stderr } = await run('lftp', ['--norc', '-c', script.join('\n')]);
        expect(code).not.toBe(0);
        expect(stderr).toContain(`${LIMIT} of ${LIMIT} files and directories are used`);
        expect(await onDisk()).toBe(LIMIT);
        expect(await used()).toBe(LIMIT);
      } finally {
        await rm(local, { recursive: true });
      }
    },
  );

  test('has exact counts after kill -9 in the middle of uploads', async () => {
    await anna.command('MKD d');
    await anna.store('STOR d/a', 'x');
    const uploaders = await Promise.all(
      Array.from({ length: 8 }, () => server.login('anna', PASSWORD)),
    );
    await Promise.all(uploaders.map((client, at) => beginUpload(client, `STOR d/up${at}`, 'half')));
    expect(await used()).toBe(10);
    await restart('SIGKILL');
    expect(await used()).toBe(2);
    expect(await onDisk()).toBe(2);
    for (let count = 2; count < LIMIT; count += 1) {
      expect((await anna.store(`STOR f${count}`, '')).closing.code).toBe(226);
    }
    expect((await anna.command('MKD e')).code).toBe(552);
    await restart('SIGTERM');
    expect(await used()).toBe(LIMIT);
  });

  test('counts the files of an earlier version after the start, while clients work', async () => {
    for (const name of ['a', 'b', 'c']) await anna.store(`STOR ${name}`, 'x');
    await server.end('SIGTERM');
    const database = openDatabase(join(server.directory, 'myftp.db'));
    await undoEntries(database.queries);
    await database.close();
    server = await ServerProcess.start(server.directory, '--recount-every', 'off');
    anna = await server.login('anna', PASSWORD);
    await anna.store('STOR d', 'x');
    await until(async () => {
      const { lines } = await anna.command('SITE QUOTA');
      return lines[0]?.endsWith('; 4 files and directories.') === true;
    });
    const set = await server.administer(['user', 'quota', 'anna', '--max-files', '4']);
    expect(set.stdout).toContain('4 of 4 files and directories');
    expect((await anna.command('MKD e')).code).toBe(552);
  });

  test('is set for one account by user add and user quota', async () => {
    const added = await server.administer(
      ['user', 'add', 'bert', '--max-files', '1', '--password-stdin'],
      PASSWORD,
    );
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const bert = await server.login('bert', PASSWORD);
    expect((await bert.command('MKD a')).code).toBe(257);
    expect((await bert.command('MKD b')).code).toBe(552);
    const { stdout } = await server.administer(['user', 'quota', 'bert', '--max-files', '2']);
    expect(stdout).toContain(', 1 of 2 files and directories.\n');
    expect((await bert.command('MKD b')).code).toBe(257);
    await server.administer(['user', 'quota', 'bert', '--max-files', '0']);
    expect((await bert.command('MKD c')).code).toBe(257);
    const refused = await server.administer(['user', 'quota', 'bert', '--max-files', 'many']);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('"many" is not a number of files.');
  });
});
