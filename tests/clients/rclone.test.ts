import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES, treeOf } from './samples.ts';

const QUIET = ['--config', '/dev/null', '--retries', '1', '--low-level-retries', '1'];

describeClient('rclone', isInstalled('rclone'), () => {
  let site: ClientSite;
  let obscured: string;

  beforeAll(async () => {
    site = await ClientSite.open();
    obscured = (await site.run('rclone', ['obscure', PASSWORD])).stdout.trim();
  });
  afterAll(() => site.close());

  function remoteEnvironment(at: ClientSite, pass: string): NodeJS.ProcessEnv {
    const host = at.host.includes(':') ? `[${at.host}]` : at.host;
    const facts = { TYPE: 'ftp', HOST: host, PORT: String(at.port), USER: USERNAME, PASS: pass };
    const variables = Object.entries(facts).map(([key, value]) => [
      `RCLONE_CONFIG_MY_${key}`,
      value,
    ]);
    return { ...at.environment, ...Object.fromEntries(variables) };
  }
  function rclone(...args: readonly string[]): Promise<Outcome> {
    return site.run('rclone', [...QUIET, ...args], { env: remoteEnvironment(site, obscured) });
  }

  test('a wrong password is refused in words of the server', async () => {
    const wrong = (await site.run('rclone', ['obscure', 'wrong'])).stdout.trim();
    const env = remoteEnvironment(site, wrong);
    const { code, stderr } = await site.attempt('rclone', [...QUIET, 'lsf', 'my:'], { env });
    expect(code).not.toBe(0);
    expect(stderr).toContain('530 Wrong username or password');
  });

  test('copies files of all sizes both ways, and check --download finds no difference', async () => {
    for (const { name, sizeBytes } of SIZES)
      await site.writeLocal(`sizes/${name}`, octets(sizeBytes));
    await rclone('copy', 'sizes', 'my:sizes');
    await rclone('check', '--download', 'sizes', 'my:sizes');
    await rclone('copy', 'my:sizes', 'sizes-back');
    expect(await treeOf(site.home('sizes'))).toEqual(await treeOf(site.local('sizes')));
    expect(await treeOf(site.local('sizes-back'))).toEqual(await treeOf(site.local('sizes')));
    await site.expectExactQuota();
  });

  test('copies a file from before 1970 once', async () => {
    const modified = new Date('1955-06-01T12:00:00Z');
    await site.writeLocal('old/f', 'from 1955');
    await utimes(site.local('old/f'), modified, modified);
    await rclone('copy', 'old', 'my:old');
    expect((await stat(site.home('old/f'))).mtime).toEqual(modified);
    const { stderr } = await rclone('copy', '-vv', 'old', 'my:old');
    expect(stderr).toMatch(/Unchanged skipping/);
  });

  test('copies awkward names both ways', async () => {
    for (const name of AWKWARD_NAMES) {
      await site.writeLocal(`names/${name}`, `content of ${name}`);
      await site.writeLocal(`names/dir ${name}/${name}`, `below ${name}`);
    }
    await rclone('copy', 'names', 'my:names');
    await rclone('check', '--download', 'names', 'my:names');
    await rclone('copy', 'my:names', 'names-back');
    expect(await treeOf(site.local('names-back'))).toEqual(await treeOf(site.local('names')));
    const { stdout } = await rclone('lsf', 'my:names');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['two words', 'grüße 日本語 🙂']));
  });

  test('syncs both ways: changes and deletions follow, times stay', async () => {
    const date = new Date('2019-03-04T05:06:07Z');
    await site.writeLocal('sync/stays.txt', 'stays');
    await site.writeLocal('sync/sub/goes.txt', 'goes');
    await utimes(site.local('sync/stays.txt'), date, date);
    await rclone('sync', 'sync', 'my:sync');
    expect((await stat(site.home('sync/stays.txt'))).mtime).toEqual(date);
    await rm(site.local('sync/sub'), { recursive: true });
    await site.writeLocal('sync/new.txt', 'new');
    await rclone('sync', 'sync', 'my:sync');
    expect(Object.keys(await treeOf(site.home('sync'))).sort()).toEqual(['new.txt', 'stays.txt']);
    await rclone('sync', 'my:sync', 'sync-back');
    expect(await treeOf(site.local('sync-back'))).toEqual(await treeOf(site.local('sync')));
    expect((await stat(site.local('sync-back/stays.txt'))).mtime).toEqual(date);
    const { stderr } = await rclone('sync', '-v', 'my:sync', 'sync-back');
    expect(stderr).toContain('There was nothing to transfer');
    await site.expectExactQuota();
  });

  test('moves 40 files with eight transfers at once', async () => {
    for (let number = 0; number < 40; number += 1) {
      await site.writeLocal(`many/${number % 4}/${number}.bin`, octets(number * 1000));
    }
    const before = await treeOf(site.local('many'));
    await rclone('copy', '--transfers', '8', '--checkers', '8', 'many', 'my:many');
    expect(await treeOf(site.home('many'))).toEqual(before);
    await rclone('move', '--transfers', '8', 'my:many', 'many-back');
    expect(await treeOf(site.local('many-back'))).toEqual(before);
    expect(Object.values(await treeOf(site.home('many')))).not.toContain(
      expect.not.stringMatching('dir'),
    );
    await site.expectExactQuota();
  });

  test('makes, lists, renames, reads and removes', async () => {
    await site.seed('work/a b.txt', 'hello');
    await rclone('mkdir', 'my:work/deep/deeper');
    await rclone('moveto', 'my:work/a b.txt', 'my:work/deep/c.txt');
    const { stdout: json } = await rclone('lsjson', '-R', 'my:work');
    expect(JSON.parse(json)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Path: 'deep/deeper', IsDir: true }),
        expect.objectContaining({ Path: 'deep/c.txt', Size: 5, IsDir: false }),
      ]),
    );
    expect((await rclone('cat', 'my:work/deep/c.txt')).stdout).toBe('hello');
    expect(
      (await rclone('cat', '--offset', '2', '--count', '2', 'my:work/deep/c.txt')).stdout,
    ).toBe('ll');
    await rclone('deletefile', 'my:work/deep/c.txt');
    await rclone('rmdirs', 'my:work/deep');
    await rclone('purge', 'my:work');
    expect(await treeOf(site.home())).not.toHaveProperty('work');
    await site.expectExactQuota();
  });

  test('replaces a file by its newer version', async () => {
    await site.writeLocal('again/file', 'first');
    await rclone('copyto', 'again/file', 'my:again.txt');
    await site.writeLocal('again/file', 'the second version');
    await rclone('copyto', 'again/file', 'my:again.txt');
    expect(await site.homeText('again.txt')).toBe('the second version');
    await site.expectExactQuota();
  });

  test('streams from its standard input with rcat', async () => {
    const env = remoteEnvironment(site, obscured);
    await site.run('rclone', [...QUIET, 'rcat', 'my:piped.txt'], { env, input: 'from a pipe' });
    expect(await site.homeText('piped.txt')).toBe('from a pipe');
  });

  test('works without EPSV and without MLSD', async () => {
    const content = octets(100_000);
    await mkdir(site.local('legacy'), { recursive: true });
    await site.writeLocal('legacy/x.bin', content);
    const without = ['--ftp-disable-epsv', '--ftp-disable-mlsd'];
    await rclone(...without, 'copy', 'legacy', 'my:legacy');
    expect(await site.homeDigest('legacy/x.bin')).toBe(digestOf(content));
    expect((await rclone(...without, 'lsf', 'my:legacy')).stdout).toBe('x.bin\n');
  });

  test('copies over IPv6', async () => {
    await ClientSite.during({ host: '::1' }, async (six) => {
      await six.writeLocal('six/six.bin', octets(100_000));
      const env = remoteEnvironment(six, obscured);
      await six.run('rclone', [...QUIET, 'copy', 'six', 'my:'], { env });
      await six.run('rclone', [...QUIET, 'check', '--download', 'six', 'my:'], { env });
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big/big.bin', octets(600_000));
      const env = remoteEnvironment(limited, obscured);
      const { code, stderr } = await limited.attempt('rclone', [...QUIET, 'copy', 'big', 'my:'], {
        env,
      });
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/552 Quota exceeded/);
      await limited.expectExactQuota();
    });
  });
});
