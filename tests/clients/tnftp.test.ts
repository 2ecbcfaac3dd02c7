import { stat, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES, treeOf } from './samples.ts';

/** tnftp knows no backslash within quotes. */
function quoted(word: string): string {
  return word.replace(/[^\w.-]/g, (sign) => (sign > '~' ? sign : `\\${sign}`));
}

describeClient('tnftp', isInstalled('tnftp'), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  /** Without a terminal it ends with 0 whatever happens, so what counts is what it says. */
  async function converse(at: ClientSite, lines: readonly string[]): Promise<string> {
    const args = ['-n', '-i', '-v', '-q', '20', at.host, String(at.port)];
    const input = [...lines, 'quit', ''].join('\n');
    const { stdout, stderr } = await at.attempt('tnftp', args, { input });
    return `${stdout}${stderr}`;
  }
  function tnftp(...commands: readonly string[]): Promise<string> {
    return converse(site, [`user ${USERNAME} ${quoted(PASSWORD)}`, 'binary', ...commands]);
  }

  test('a wrong password is refused in words of the server', async () => {
    const said = await converse(site, [`user ${USERNAME} wrong`]);
    expect(said).toContain('530 Wrong username or password');
  });

  test('signs up by quote, as the server tells new users to do', async () => {
    const said = await converse(site, [
      'quote SITE SIGNUP berta',
      'quote PASS battery staple',
      'quote SITE QUOTA',
    ]);
    expect(said).toContain('230 Account berta created');
    expect(said).toContain('200 0 of 1073741824 bytes used');
  });

  test.each(SIZES)('carries $name both ways', async ({ name, sizeBytes }) => {
    await site.writeLocal(name, octets(sizeBytes));
    await tnftp(`put ${name}`, `get ${name} back-${name}`);
    expect(await site.homeDigest(name)).toBe(await site.localDigest(name));
    expect(await site.localDigest(`back-${name}`)).toBe(await site.localDigest(name));
    await site.expectExactQuota();
  });

  test.each(AWKWARD_NAMES)('puts, lists, gets, renames and removes %j', async (name) => {
    await site.writeLocal('content', `content of ${name}`);
    const said = await tnftp(
      'mkdir awkward',
      'cd awkward',
      `put content ${quoted(name)}`,
      'ls -la',
      `get ${quoted(name)} fetched`,
      `rename ${quoted(name)} ${quoted(`${name}.moved`)}`,
      `delete ${quoted(`${name}.moved`)}`,
    );
    expect(said.split('\n').some((line) => line.endsWith(` ${name}`))).toBe(true);
    expect(await site.localText('fetched')).toBe(`content of ${name}`);
    expect(await treeOf(site.home('awkward'))).toEqual({});
    await site.expectExactQuota();
  });

  test('makes, walks, lists and removes directories', async () => {
    const said = await tnftp(
      'mkdir "work dir"',
      'cd "work dir"',
      'pwd',
      'mkdir sub',
      'nlist',
      'mlsd',
      'mlst sub',
      'cdup',
      'ls "work dir"',
      'rmdir "work dir/sub"',
      'rmdir "work dir"',
    );
    expect(said).toContain('257 "/work dir"');
    expect(said).toMatch(/^sub\r?$/m);
    expect(said).toMatch(/type=dir;\S* sub\r?$/m);
    expect(said).toMatch(/^drwx.* sub\r?$/m);
    expect(await treeOf(site.home())).not.toHaveProperty('work dir');
  });

  test('mput, mget, mdelete and the times of files', async () => {
    const date = new Date('2019-03-04T05:06:07Z');
    for (const name of ['p1.pat', 'p2.pat', 'other']) await site.writeLocal(name, name);
    await tnftp('mkdir pat', 'cd pat', 'mput *.pat');
    expect(Object.keys(await treeOf(site.home('pat'))).sort()).toEqual(['p1.pat', 'p2.pat']);
    await utimes(site.home('pat/p1.pat'), date, date);
    await site.writeLocal('got/.made', '');
    const said = await tnftp(
      'lcd got',
      'cd pat',
      'mget p*.pat',
      'modtime p1.pat',
      'size p1.pat',
      'mdelete *.pat',
    );
    expect((await stat(site.local('got/p1.pat'))).mtime).toEqual(date);
    expect(await site.localText('got/p2.pat')).toBe('p2.pat');
    expect(said).toMatch(/p1\.pat\s+(Mon )?(03\/04\/2019|Mar 0?4,? .*2019|.*2019)/);
    expect(await treeOf(site.home('pat'))).toEqual({});
    await site.expectExactQuota();
  });

  test('resumes a download with reget, an upload with restart', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('resume.bin', content);
    await site.seed('resume.bin', content.subarray(0, 123_457));
    await tnftp('restart 123457', 'put resume.bin');
    expect(await site.homeDigest('resume.bin')).toBe(digestOf(content));
    await site.writeLocal('resume.bin', content.subarray(0, 654_321));
    await tnftp('reget resume.bin');
    expect(await site.localDigest('resume.bin')).toBe(digestOf(content));
    await site.expectExactQuota();
  });

  test('appends', async () => {
    await site.seed('log.txt', 'one,');
    await site.writeLocal('two', 'two');
    await tnftp('append two log.txt');
    expect(await site.homeText('log.txt')).toBe('one,two');
  });

  test('text gets the line ends of the network on the way, both ways', async () => {
    await site.writeLocal('text.txt', 'one\ntwo\n');
    await tnftp('ascii', 'put text.txt', 'get text.txt text-back.txt');
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    expect(await site.localText('text-back.txt')).toBe('one\ntwo\n');
  });

  test('chmod, features, status, checksums by quote', async () => {
    await site.seed('sum.txt', 'hello');
    const said = await tnftp('chmod 600 sum.txt', 'quote XMD5 sum.txt', 'features', 'rstatus');
    expect((await stat(site.home('sum.txt'))).mode & 0o777).toBe(0o600);
    expect(said).toContain(digestOf(Buffer.from('hello'), 'md5'));
    expect(said).toContain(' REST STREAM');
    expect(said).toContain('211 End.');
  });

  test.each([
    ['EPSV', ['passive on', 'epsv4 on']],
    ['PASV', ['passive on', 'epsv4 off']],
    ['EPRT', ['passive off', 'epsv4 on']],
    ['PORT', ['passive off', 'epsv4 off']],
  ])('transfers and lists by %s', async (mode, settings) => {
    await site.writeLocal('mode.bin', octets(100_000));
    const said = await tnftp(
      ...settings,
      'debug 1',
      `put mode.bin ${mode}.bin`,
      `get ${mode}.bin`,
      'ls',
    );
    expect(said).toMatch(new RegExp(`^---> ${mode}`, 'm'));
    expect(said).toMatch(new RegExp(` ${mode}\\.bin\\r?$`, 'm'));
    expect(await site.localDigest(`${mode}.bin`)).toBe(await site.localDigest('mode.bin'));
  });

  test.each(['on', 'off'])('transfers and lists over IPv6, passive %s', async (passive) => {
    await ClientSite.during({ host: '::1' }, async (six) => {
      await six.writeLocal('six.bin', octets(100_000));
      const said = await converse(six, [
        `user ${USERNAME} ${quoted(PASSWORD)}`,
        ...['binary', `passive ${passive}`, 'put six.bin', 'get six.bin back.bin', 'ls'],
      ]);
      expect(said).toMatch(/ six\.bin\r?$/m);
      expect(await six.localDigest('back.bin')).toBe(await six.homeDigest('six.bin'));
    });
  });

  test('fetches a URL and puts to one', async () => {
    await site.writeLocal('url.txt', 'by URL');
    await site.run('tnftp', ['-u', site.url('/put-by-url.txt'), 'url.txt']);
    expect(await site.homeText('put-by-url.txt')).toBe('by URL');
    await site.run('tnftp', ['-o', 'url-back.txt', site.url('/put-by-url.txt')]);
    expect(await site.localText('url-back.txt')).toBe('by URL');
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      const login = `user ${USERNAME} ${quoted(PASSWORD)}`;
      const said = await converse(limited, [login, 'binary', 'put big.bin']);
      expect(said).toMatch(/552 Quota exceeded/);
      await limited.expectExactQuota();
    });
  });
});
