import { stat, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES, treeOf } from './samples.ts';

const QUIET = ['--no-config', '--no-verbose', '--tries=1', '--timeout=20'];

describeClient('wget', isInstalled('wget'), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  function wget(...args: readonly string[]): Promise<Outcome> {
    return site.run('wget', [...QUIET, ...args]);
  }

  test('a wrong password ends it with 6, authentication failure', async () => {
    const url = `ftp://${USERNAME}:no@${site.host}:${site.port}/x`;
    const { code, stderr } = await site.attempt('wget', [...QUIET, url]);
    expect(code).toBe(6);
    expect(stderr).toContain('Login incorrect');
  });

  test.each(SIZES)('fetches $name', async ({ name, sizeBytes }) => {
    const content = octets(sizeBytes);
    await site.seed(name, content);
    await wget(site.url(`/${name}`));
    expect(await site.localDigest(name)).toBe(digestOf(content));
  });

  test.each(AWKWARD_NAMES)('fetches %j from a directory of that name', async (name) => {
    await site.seed(`${name}/${name}`, `content of ${name}`);
    await wget('--no-glob', '-O', 'fetched', site.url(`/${name}/${name}`));
    expect(await site.localText('fetched')).toBe(`content of ${name}`);
  });

  test('fetches a tree with -r', async () => {
    await site.seed('tree/a.txt', 'a');
    await site.seed('tree/sub dir/b b.txt', 'b');
    await site.seed('tree/sub dir/grüße/c.bin', octets(100_000));
    await site.seed(`tree/it's "quoted"/x`, 'x');
    await wget(
      ...['-r', '-nH', '--cut-dirs=1', '-P', 'tree', '--restrict-file-names=nocontrol'],
      site.url('/tree/'),
    );
    expect(await treeOf(site.local('tree'))).toEqual(await treeOf(site.home('tree')));
  });

  test('fetches what matches a pattern', async () => {
    for (const name of ['p1.pat', 'p2.pat', 'other']) await site.seed(`pat/${name}`, name);
    await wget('-P', 'pat', `${site.url('/pat/')}*.pat`);
    expect(Object.keys(await treeOf(site.local('pat'))).sort()).toEqual(['p1.pat', 'p2.pat']);
  });

  test('resumes with -c', async () => {
    const content = octets(1_000_000);
    await site.seed('resume.bin', content);
    await site.writeLocal('resume.bin', content.subarray(0, 123_457));
    await wget('-c', site.url('/resume.bin'));
    expect(await site.localDigest('resume.bin')).toBe(digestOf(content));
  });

  test('takes over the time of a file with -N, and then fetches it no more', async () => {
    const date = new Date('2019-03-04T05:06:00Z');
    await site.seed('dated.txt', 'hello');
    await utimes(site.home('dated.txt'), date, date);
    await wget('-N', site.url('/dated.txt'));
    // `ls -l` shows old dates without the time of day, and there is nothing better in LIST.
    const { mtime } = await stat(site.local('dated.txt'));
    expect(Math.abs(mtime.getTime() - date.getTime())).toBeLessThan(24 * 3600 * 1000);
    const again = await site.run('wget', ['--no-config', '-N', site.url('/dated.txt')]);
    expect(again.stderr).toMatch(/not retrieving|no newer/i);
  });

  test('fetches in active mode', async () => {
    await site.seed('active.bin', octets(100_000));
    await wget('--no-passive-ftp', site.url('/active.bin'));
    expect(await site.localDigest('active.bin')).toBe(await site.homeDigest('active.bin'));
  });

  test.each([
    ['passive', []],
    ['active', ['--no-passive-ftp']],
  ])('fetches over IPv6, %s', async (_, args) => {
    await ClientSite.during({ host: '::1' }, async (six) => {
      await six.seed('six.bin', octets(100_000));
      await six.run('wget', [...QUIET, ...args, six.url('/six.bin')]);
      expect(await six.localDigest('six.bin')).toBe(await six.homeDigest('six.bin'));
    });
  });

  test('a directory is saved as a page of links', async () => {
    await site.seed('page/two words.txt', 'x');
    await wget('-O', 'index.html', site.url('/page/'));
    expect(await site.localText('index.html')).toContain('/page/two%20words.txt">');
  });
});
