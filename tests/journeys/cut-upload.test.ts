import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from '../clients/client-site.ts';
import { isInstalled, type RunningProgram, start, succeeds } from '../clients/program.ts';
import { digestOf, octets } from '../clients/samples.ts';
import { until } from './server-process.ts';

const SIZE_BYTES = 3_000_000;
const CUT_AFTER_BYTES = 100_000;
/** So slow that a client is killed in time, however busy this machine is. */
const SLOW_BYTES_PER_SECOND = 200_000;
const BEFORE = 'the version before';

describe('an upload that is cut', () => {
  let site: ClientSite;
  let content: Buffer;

  beforeEach(async () => {
    site = await ClientSite.open();
    content = octets(SIZE_BYTES);
    await site.writeLocal('file.bin', content);
    await site.seed('file.bin', BEFORE);
  });
  afterEach(() => site.close());

  const ifThere = (program: string) => (isInstalled(program) ? test : test.skip);
  const lftpScript = (...commands: readonly string[]) => [
    '--norc',
    '-c',
    [
      'set ftp:ssl-allow no',
      'set cmd:fail-exit yes',
      'set net:max-retries 1',
      `open -u ${USERNAME},"${PASSWORD}" -p ${site.port} ${site.host}`,
      ...commands,
    ].join('\n'),
  ];

  async function stagedBytes(): Promise<number> {
    const root = join(site.server.rootDir, '.myftp-staging');
    const paths = await readdir(root, { recursive: true }).catch(() => []);
    const sizes = await Promise.all(
      paths.map(async (path) => {
        const facts = await stat(join(root, path)).catch(() => undefined);
        return facts?.isFile() ? facts.size : 0;
      }),
    );
    return Math.max(0, ...sizes);
  }

  async function shownSize(): Promise<number> {
    const { lines } = await site.observer.command('SIZE file.bin');
    return Number(lines[0]?.slice('213 '.length));
  }

  /** Kills a client in the middle of its upload, and waits until the server has noticed. */
  async function cut({ child, ended }: RunningProgram): Promise<void> {
    await until(async () => (await stagedBytes()) > CUT_AFTER_BYTES);
    await expectVersionBefore();
    child.kill('SIGKILL');
    await ended;
    await expectPartial();
  }

  async function expectVersionBefore(): Promise<void> {
    expect(await site.homeDigest('file.bin')).toBe(digestOf(Buffer.from(BEFORE)));
  }

  async function expectPartial(): Promise<void> {
    await until(async () => (await shownSize()) > CUT_AFTER_BYTES);
    const bytes = await shownSize();
    expect(bytes).toBeLessThan(SIZE_BYTES);
    await expectVersionBefore();
    const { data } = await site.observer.retrieve('RETR file.bin');
    expect(digestOf(data)).toBe(digestOf(content.subarray(0, bytes)));
    await site.expectExactQuota();
  }

  async function expectWhole(): Promise<void> {
    expect(await site.homeDigest('file.bin')).toBe(digestOf(content));
    expect(await site.usedBytes()).toBe(SIZE_BYTES);
    await site.expectExactQuota();
  }

  for (const resume of ['put -c', 'reput']) {
    ifThere('lftp')(`by the death of lftp is resumed by its ${resume}`, async () => {
      const slow = lftpScript(`set net:limit-rate 0:${SLOW_BYTES_PER_SECOND}`, 'put file.bin');
      await cut(start('lftp', slow, site.programOptions));
      const restAt = `---> REST ${await shownSize()}`;
      const { stderr } = await site.run('lftp', lftpScript('debug 5', `${resume} file.bin`));
      expect(stderr).toContain(restAt);
      await expectWhole();
    });
  }

  ifThere('curl')('by the death of curl is resumed by its -C -', async () => {
    const args = ['-q', '-sS', '-T', 'file.bin', site.url('/file.bin')];
    await cut(
      start('curl', ['--limit-rate', String(SLOW_BYTES_PER_SECOND), ...args], site.programOptions),
    );
    await site.run('curl', ['-C', '-', ...args]);
    await expectWhole();
  });

  (succeeds('python3', ['-c', 'import ftplib']) ? test : test.skip)(
    'by the death of Python is resumed by its ftplib',
    async () => {
      const script = `
import ftplib, sys, time
host, port, user, password, mode = sys.argv[1:]
ftp = ftplib.FTP(timeout=20)
ftp.connect(host, int(port))
ftp.login(user, password)
ftp.voidcmd('TYPE I')
with open('file.bin', 'rb') as file:
    if mode == 'cut':
        data = ftp.transfercmd('STOR file.bin')
        data.sendall(file.read(500000))
        time.sleep(60)
    offset = ftp.size('file.bin')
    file.seek(offset)
    ftp.storbinary('STOR file.bin', file, rest=offset)
ftp.quit()`;
      const args = ['-c', script, site.host, String(site.port), USERNAME, PASSWORD];
      await cut(start('python3', [...args, 'cut'], site.programOptions));
      await site.run('python3', [...args, 'resume']);
      await expectWhole();
    },
  );

  (succeeds('python3', ['-c', 'import ftplib']) ? test : test.skip)(
    'by clients that die right after their last octet never counts as a whole one',
    async () => {
      const script = `
import ftplib, os, signal, sys
host, port, user, password = sys.argv[1:]
content = open('file.bin', 'rb').read()
for number in range(20):
    child = os.fork()
    if child == 0:
        ftp = ftplib.FTP(timeout=20)
        ftp.connect(host, int(port))
        ftp.login(user, password)
        ftp.voidcmd('TYPE I')
        data = ftp.transfercmd(f'STOR file-{number}.bin')
        data.sendall(content[:(number + 1) * 100000])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)`;
      await site.run('python3', ['-c', script, site.host, String(site.port), USERNAME, PASSWORD]);
      for (let number = 0; number < 20; number += 1) {
        const command = `SIZE file-${number}.bin`;
        await until(async () => (await site.observer.command(command)).code === 213);
      }
      expect(await readdir(site.home())).toEqual(['file.bin']);
      await site.expectExactQuota();
    },
  );

  ifThere('lftp')('by a reset of both connections is resumed by lftp reput', async () => {
    const client = await site.server.login(USERNAME, PASSWORD);
    const data = await client.openData();
    expect((await client.command('STOR file.bin')).code).toBe(150);
    data.write(content.subarray(0, 1_500_000));
    await until(async () => (await stagedBytes()) === 1_500_000);
    data.resetAndDestroy();
    client.socket.resetAndDestroy();
    await expectPartial();
    await site.run('lftp', lftpScript('reput file.bin'));
    await expectWhole();
  });

  test('by a reset of the data connection is told with 426, and goes on in the same session', async () => {
    const client = await site.server.login(USERNAME, PASSWORD);
    const data = await client.openData();
    await client.command('STOR file.bin');
    data.write(content.subarray(0, 1_500_000));
    await until(async () => (await stagedBytes()) === 1_500_000);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    await expectPartial();
    await client.command('REST 1500000');
    const { closing } = await client.store('STOR file.bin', content.subarray(1_500_000));
    expect(closing.code).toBe(226);
    await expectWhole();
  });

  test('is not taken for a whole one if its client dies without a reset', async () => {
    const client = await site.server.login(USERNAME, PASSWORD);
    const data = await client.openData();
    await client.command('STOR file.bin');
    data.write(content.subarray(0, 1_500_000));
    await until(async () => (await stagedBytes()) === 1_500_000);
    // What the system does for a process that was killed: it ends both connections in good order.
    client.socket.end();
    data.end();
    await expectPartial();
  });

  test('is deleted together with the version before', async () => {
    const client = await site.server.login(USERNAME, PASSWORD);
    const data = await client.openData();
    await client.command('STOR file.bin');
    data.write(content.subarray(0, 1_500_000));
    await until(async () => (await stagedBytes()) === 1_500_000);
    await client.close();
    data.destroy();
    await expectPartial();
    expect((await site.observer.command('DELE file.bin')).code).toBe(250);
    expect((await site.observer.command('SIZE file.bin')).code).toBe(550);
    expect(await readdir(site.home())).toEqual([]);
    await site.expectExactQuota();
  });
});
