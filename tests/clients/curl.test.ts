import { stat, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES } from './samples.ts';

const QUIET = ['-q', '--silent', '--show-error', '--max-time', '30'];

describeClient('curl', isInstalled('curl'), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  function curl(...args: readonly string[]): Promise<Outcome> {
    return site.run('curl', [...QUIET, ...args]);
  }

  test('a wrong password ends it with 67, login denied', async () => {
    const url = `ftp://${site.host}:${site.port}/`;
    const { code, stderr } = await site.attempt('curl', [...QUIET, '-u', `${USERNAME}:no`, url]);
    expect(code).toBe(67);
    expect(stderr).toContain('530');
  });

  test.each(SIZES)('carries $name both ways', async ({ name, sizeBytes }) => {
    await site.writeLocal(name, octets(sizeBytes));
    await curl('-T', name, site.url(`/${name}`));
    await curl('-o', `back-${name}`, site.url(`/${name}`));
    expect(await site.homeDigest(name)).toBe(await site.localDigest(name));
    expect(await site.localDigest(`back-${name}`)).toBe(await site.localDigest(name));
    await site.expectExactQuota();
  });

  test.each(AWKWARD_NAMES)('puts, lists and gets %j in a directory of that name', async (name) => {
    await site.writeLocal('content', `content of ${name}`);
    const path = `/${name}/${name}`;
    await curl('--ftp-create-dirs', '-T', 'content', site.url(path));
    expect(await site.homeText(path)).toBe(`content of ${name}`);
    const { stdout: got } = await curl(site.url(path));
    expect(got).toBe(`content of ${name}`);
    // NLST leaves names with a leading dot out, as `ls` does.
    const list = name.startsWith('.') ? 'MLSD' : 'NLST';
    const { stdout } = await curl('-X', list, site.url(`/${name}/`));
    const names = stdout.split('\n').map((line) => line.replace(/^type=\S* /, ''));
    expect(names).toContain(name);
  });

  test.each(['multicwd', 'singlecwd', 'nocwd'])('walks with --ftp-method %s', async (method) => {
    await site.writeLocal('walk.txt', method);
    const url = site.url(`/walk ${method}/a/b/c.txt`);
    await curl('--ftp-create-dirs', '--ftp-method', 'multicwd', '-T', 'walk.txt', url);
    const { stdout } = await curl('--ftp-method', method, url);
    expect(stdout).toBe(method);
    const { stdout: list } = await curl('--ftp-method', method, site.url(`/walk ${method}/a/`));
    expect(list).toMatch(/^drwx.* b\r?$/m);
  });

  test('tells size and time of a file with --head', async () => {
    await site.seed('head.txt', 'hello');
    await utimes(site.home('head.txt'), 0, 1_551_675_967);
    const { stdout } = await curl('--head', site.url('/head.txt'));
    expect(stdout).toContain('Content-Length: 5\r\n');
    expect(stdout).toContain('Last-Modified: Mon, 04 Mar 2019 05:06:07 GMT\r\n');
    expect(stdout).toContain('Accept-ranges: bytes\r\n');
  });

  test('keeps the time of a file with --remote-time, and fetches only what is newer', async () => {
    await site.seed('dated.txt', 'hello');
    const date = new Date('2019-03-04T05:06:07Z');
    await utimes(site.home('dated.txt'), date, date);
    await curl('--remote-time', '-o', 'dated.txt', site.url('/dated.txt'));
    expect((await stat(site.local('dated.txt'))).mtime).toEqual(date);
    await curl('-z', '1 Jan 2020', '-o', 'older.txt', site.url('/dated.txt'));
    await curl('-z', '1 Jan 2018', '-o', 'newer.txt', site.url('/dated.txt'));
    await expect(stat(site.local('older.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await site.localText('newer.txt')).toBe('hello');
  });

  test('renames, removes, sets modes and hashes by quote', async () => {
    await site.seed('quoted.txt', 'hello');
    const { stderr } = await curl(
      '-v',
      ...['MKD by quote', 'RNFR quoted.txt', 'RNTO by quote/new name.txt'].flatMap((q) => [
        '-Q',
        q,
      ]),
      ...['-Q', 'SITE CHMOD 600 by quote/new name.txt', '-Q', 'XMD5 by quote/new name.txt'],
      site.url('/by quote/'),
    );
    expect(stderr).toContain(`250 ${digestOf(Buffer.from('hello'), 'md5')}`);
    expect((await stat(site.home('by quote/new name.txt'))).mode & 0o777).toBe(0o600);
    await curl('-Q', 'DELE by quote/new name.txt', '-Q', '-RMD by quote', site.url('/'));
    await expect(stat(site.home('by quote'))).rejects.toMatchObject({ code: 'ENOENT' });
    await site.expectExactQuota();
  });

  test('text gets the line ends of the network on the way, both ways', async () => {
    await site.writeLocal('text.txt', 'one\ntwo\n');
    await curl('--use-ascii', '--crlf', '-T', 'text.txt', site.url('/text.txt'));
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    const { stdout } = await curl('--use-ascii', site.url('/text.txt'));
    // Of a text, curl writes the line ends as they are on this machine.
    expect(stdout).toBe('one\ntwo\n');
  });

  test('resumes both ways with -C -, and fetches a range', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('up.bin', content);
    await site.seed('up.bin', content.subarray(0, 123_457));
    await curl('-C', '-', '-T', 'up.bin', site.url('/up.bin'));
    expect(await site.homeDigest('up.bin')).toBe(digestOf(content));
    await site.writeLocal('down.bin', content.subarray(0, 654_321));
    await curl('-C', '-', '-o', 'down.bin', site.url('/up.bin'));
    expect(await site.localDigest('down.bin')).toBe(digestOf(content));
    await curl('-r', '1000-1999', '-o', 'range.bin', site.url('/up.bin'));
    expect(await site.localDigest('range.bin')).toBe(digestOf(content.subarray(1000, 2000)));
    await site.expectExactQuota();
  });

  test('appends with --append', async () => {
    await site.seed('log.txt', 'one,');
    await site.writeLocal('two', 'two');
    await curl('--append', '-T', 'two', site.url('/log.txt'));
    expect(await site.homeText('log.txt')).toBe('one,two');
    await site.expectExactQuota();
  });

  test('transfers in parallel with -Z', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `z${number}.bin`);
    for (const [number, name] of names.entries())
      await site.writeLocal(name, octets(number * 9999));
    await curl('-Z', ...names.flatMap((name) => ['-T', name, site.url(`/${name}`)]));
    await curl('-Z', ...names.flatMap((name) => ['-o', `back-${name}`, site.url(`/${name}`)]));
    for (const name of names) {
      expect(await site.localDigest(`back-${name}`)).toBe(await site.localDigest(name));
    }
    await site.expectExactQuota();
  });

  test.each([
    ['EPSV', []],
    ['PASV', ['--disable-epsv']],
    ['EPRT', ['--ftp-port', '-']],
    ['PORT', ['--ftp-port', '-', '--disable-eprt']],
  ])('transfers and lists by %s', async (mode, args) => {
    await site.writeLocal('mode.bin', octets(100_000));
    const url = site.url(`/${mode}.bin`);
    const { stderr } = await curl(...args, '-v', '-T', 'mode.bin', url);
    expect(stderr).toMatch(new RegExp(`^> ${mode}`, 'm'));
    await curl(...args, '-o', 'mode-back.bin', url);
    expect(await site.localDigest('mode-back.bin')).toBe(await site.localDigest('mode.bin'));
    const { stdout } = await curl(...args, site.url('/'));
    expect(stdout).toContain(` ${mode}.bin`);
  });

  test('transfers and lists over IPv6, passive and active', async () => {
    await ClientSite.during({ host: '::1' }, async (six) => {
      await six.writeLocal('six.bin', octets(100_000));
      await six.run('curl', [...QUIET, '-T', 'six.bin', six.url('/six.bin')]);
      for (const [name, ...args] of [['passive'], ['active', '--ftp-port', '-']] as const) {
        await six.run('curl', [...QUIET, ...args, '-o', name, six.url('/six.bin')]);
        expect(await six.localDigest(name)).toBe(await six.localDigest('six.bin'));
        const { stdout } = await six.run('curl', [...QUIET, ...args, six.url('/')]);
        expect(stdout).toContain(' six.bin');
      }
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      const args = [...QUIET, '-v', '-T', 'big.bin', limited.url('/big.bin')];
      const { code, stderr } = await limited.attempt('curl', args);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/552 Quota exceeded/);
      await limited.expectExactQuota();
    });
  });
});
