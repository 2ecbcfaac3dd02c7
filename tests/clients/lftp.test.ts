import { mkdir, stat, truncate, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES, treeOf } from './samples.ts';

const SETTINGS = [
  'set ftp:ssl-allow no',
  'set cmd:fail-exit yes',
  'set net:max-retries 1',
  'set net:timeout 20',
  'set xfer:clobber yes',
];

function quoted(word: string): string {
  return `"${word.replace(/["\\]/g, '\\$&')}"`;
}

/** A name as lftp's command line wants it, also if it begins with a dash. */
function named(name: string): string {
  return quoted(`./${name}`);
}

describeClient('lftp', isInstalled('lftp'), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  function script(commands: readonly string[], at = site): string[] {
    const { host, port } = at;
    const login = `open -u ${USERNAME},${quoted(PASSWORD)} -p ${port} ${host}`;
    return ['--norc', '-c', [...SETTINGS, login, ...commands].join('\n')];
  }
  function lftp(...commands: readonly string[]): Promise<Outcome> {
    return site.run('lftp', script(commands));
  }

  test('a wrong password is refused in words of the server', async () => {
    const { host, port } = site;
    const commands = [...SETTINGS, `open -u ${USERNAME},wrong -p ${port} ${host}`, 'ls'];
    const { code, stderr } = await site.attempt('lftp', ['--norc', '-c', commands.join('\n')]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('530 Wrong username or password');
  });

  test.each(SIZES)('carries $name both ways', async ({ name, sizeBytes }) => {
    await site.writeLocal(name, octets(sizeBytes));
    await lftp(`put ${name}`, `get ${name} -o back-${name}`);
    expect(await site.homeDigest(name)).toBe(await site.localDigest(name));
    expect(await site.localDigest(`back-${name}`)).toBe(await site.localDigest(name));
    await site.expectExactQuota();
  });

  test('makes, lists, renames and removes directories and files', async () => {
    await site.seed('work/a.txt', 'a');
    const { stdout } = await lftp(
      'mkdir -p work/deep/deeper',
      'cls -1 work',
      'nlist work',
      'ls work',
      'mv work/a.txt work/b.txt',
      'cls -1 work',
      'rm work/b.txt',
      'rmdir work/deep/deeper',
      'rm -r work/deep',
      'rmdir work',
    );
    expect(stdout).toMatch(/^work\/a\.txt\nwork\/deep\/$/m);
    expect(stdout).toMatch(/^-rw.* 1 .* work|^-rw.* a\.txt$/m);
    expect(stdout).toMatch(/^work\/b\.txt\nwork\/deep\/$/m);
    expect(await treeOf(site.home())).not.toHaveProperty('work');
    await site.expectExactQuota();
  });

  test('mirrors awkward names both ways, in awkward directories', async () => {
    for (const name of AWKWARD_NAMES) {
      await site.writeLocal(`names/${name}`, `content of ${name}`);
      await site.writeLocal(`names/dir ${name}/${name}`, `content below ${name}`);
    }
    await lftp('mirror -R names names');
    expect(await treeOf(site.home('names'))).toEqual(await treeOf(site.local('names')));
    await lftp('mirror names names-back');
    expect(await treeOf(site.local('names-back'))).toEqual(await treeOf(site.local('names')));
    await site.expectExactQuota();
  });

  test.each(AWKWARD_NAMES)('puts, lists, gets, renames and removes %j', async (name) => {
    await site.writeLocal(`single/${name}`, `single ${name}`);
    const { stdout } = await lftp(
      'mkdir -p -f single',
      'cd single',
      `put ${quoted(`single/${name}`)} -o ${named(name)}`,
      'cls -1 -a',
      `get ${named(name)} -o back`,
      `mv ${named(name)} ${named(`${name}.moved`)}`,
      `rm ${named(`${name}.moved`)}`,
    );
    expect(stdout.split('\n')).toContain(name);
    expect(await site.localText('back')).toBe(`single ${name}`);
    expect(await treeOf(site.home('single'))).toEqual({});
  });

  test('text gets the line ends of the network on the way, both ways', async () => {
    await site.writeLocal('text.txt', 'one\ntwo\n\nfour\n');
    await lftp('put -a text.txt', 'get -a text.txt -o text-back.txt');
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n\nfour\n');
    expect(await site.localDigest('text-back.txt')).toBe(await site.localDigest('text.txt'));
  });

  test('resumes a download with get -c', async () => {
    const content = octets(1_000_000);
    await site.seed('resume-down.bin', content);
    await site.writeLocal('resume-down.bin', content.subarray(0, 123_457));
    await lftp('get -c resume-down.bin');
    expect(await site.localDigest('resume-down.bin')).toBe(digestOf(content));
  });

  test.each(['put -c', 'reput'])('resumes an upload with %s', async (command) => {
    const content = octets(1_000_000);
    await site.writeLocal('resume-up.bin', content);
    await site.seed('resume-up.bin', content.subarray(0, 123_457));
    await lftp(`${command} resume-up.bin`);
    expect(await site.homeDigest('resume-up.bin')).toBe(digestOf(content));
    await site.expectExactQuota();
  });

  test('keeps the times of files both ways', async () => {
    const date = new Date('2019-03-04T05:06:07Z');
    await site.writeLocal('times/dated.txt', 'dated');
    await utimes(site.local('times/dated.txt'), date, date);
    await lftp('mirror -R times times', 'mirror times times-back', 'get times/dated.txt');
    for (const path of [
      site.home('times/dated.txt'),
      site.local('times-back/dated.txt'),
      site.local('dated.txt'),
    ]) {
      expect((await stat(path)).mtime).toEqual(date);
    }
  });

  test('mirrors with four connections in parallel, and finds nothing to do afterwards', async () => {
    for (let number = 0; number < 40; number += 1) {
      await site.writeLocal(`many/${number % 4}/${number}.bin`, octets(number * 1000));
    }
    await lftp('mirror -R -P4 many many', 'mirror -P4 many many-back');
    expect(await treeOf(site.home('many'))).toEqual(await treeOf(site.local('many')));
    expect(await treeOf(site.local('many-back'))).toEqual(await treeOf(site.local('many')));
    await site.expectExactQuota();
    const { stdout } = await lftp('mirror -R -P4 --verbose many many', 'mirror -v many many-back');
    expect(stdout).not.toMatch(/Transferring/);
  });

  test('mirror --delete removes what is gone, and mirror --continue completes a file', async () => {
    const content = octets(300_000);
    await site.writeLocal('sync/stays.bin', content);
    await site.writeLocal('sync/goes/gone.bin', octets(10));
    await lftp('mirror -R sync sync');
    await site.run('rm', ['-r', site.local('sync/goes')]);
    await mkdir(site.local('sync-back'));
    await site.writeLocal('sync-back/stays.bin', content);
    await truncate(site.local('sync-back/stays.bin'), 77_777);
    await lftp('mirror -R --delete sync sync', 'mirror -c sync sync-back');
    expect(await treeOf(site.home('sync'))).toEqual({ 'stays.bin': digestOf(content) });
    expect(await treeOf(site.local('sync-back'))).toEqual({ 'stays.bin': digestOf(content) });
    await site.expectExactQuota();
  });

  test('downloads one file over several connections with pget', async () => {
    const content = octets(3_000_000);
    await site.seed('pieces.bin', content);
    await lftp('pget -n 4 pieces.bin');
    expect(await site.localDigest('pieces.bin')).toBe(digestOf(content));
  });

  test.each([
    ['EPSV', ['set ftp:prefer-epsv yes', 'set ftp:passive-mode yes']],
    ['PASV', ['set ftp:prefer-epsv no', 'set ftp:passive-mode yes']],
    ['PORT', ['set ftp:passive-mode no']],
  ])('transfers and lists by %s', async (mode, settings) => {
    await site.writeLocal('mode.bin', octets(100_000));
    const { stdout } = await lftp(
      ...settings,
      `put mode.bin -o ${mode}.bin`,
      `get ${mode}.bin`,
      'ls',
    );
    expect(stdout).toContain(` ${mode}.bin`);
    expect(await site.localDigest(`${mode}.bin`)).toBe(await site.localDigest('mode.bin'));
  });

  test('transfers and lists over IPv6, passive and active', async () => {
    await ClientSite.during({ host: '::1' }, async (six) => {
      await six.writeLocal('six.bin', octets(100_000));
      const commands = [
        'put six.bin',
        'get six.bin -o passive.bin',
        'set ftp:passive-mode no',
        'get six.bin -o active.bin',
        'ls',
      ];
      const { stdout } = await six.run('lftp', script(commands, six));
      expect(stdout).toContain(' six.bin');
      for (const name of ['passive.bin', 'active.bin']) {
        expect(await six.localDigest(name)).toBe(await six.homeDigest('six.bin'));
      }
    });
  });

  test('lists by MLSD and by LIST alike, also with ls -la', async () => {
    await site.seed('listed/.dot', '');
    await site.seed('listed/file', 'four');
    for (const wanted of ['yes', 'no']) {
      const { stdout } = await lftp(
        `set ftp:use-mlsd ${wanted}`,
        'set ftp:list-options -a',
        'cd listed',
        'cls -1 -a',
        'ls -la',
      );
      expect(stdout.split('\n')).toEqual(expect.arrayContaining(['.dot', 'file']));
      expect(stdout).toMatch(/^-rw\S+ .* 4 .* file$/m);
    }
  });

  test('chmod, and checksums by quote', async () => {
    await site.seed('sum.txt', 'hello');
    const { stdout } = await lftp(
      'chmod 600 sum.txt',
      'quote XMD5 sum.txt',
      'quote SITE XMD5 sum.txt',
      'quote XCRC sum.txt',
      'quote HASH sum.txt',
    );
    expect((await stat(site.home('sum.txt'))).mode & 0o777).toBe(0o600);
    expect(stdout.match(new RegExp(digestOf(Buffer.from('hello'), 'md5'), 'g'))).toHaveLength(2);
    expect(stdout).toContain('3610A686');
    expect(stdout).toContain(digestOf(Buffer.from('hello')));
  });

  test('mget, mput and mrm take patterns', async () => {
    for (const name of ['p1.pat', 'p2.pat', 'other']) await site.writeLocal(`pat/${name}`, name);
    await lftp('mkdir pat', 'mput -O pat pat/*.pat', 'lcd /', `lcd ${site.local()}`);
    expect(Object.keys(await treeOf(site.home('pat'))).sort()).toEqual(['p1.pat', 'p2.pat']);
    await mkdir(site.local('pat-back'));
    await lftp('mget -O pat-back pat/p*.pat', 'mrm pat/*.pat');
    expect(Object.keys(await treeOf(site.local('pat-back'))).sort()).toEqual(['p1.pat', 'p2.pat']);
    expect(await treeOf(site.home('pat'))).toEqual({});
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      await limited.writeLocal('fits.bin', octets(400_000));
      const refused = await limited.attempt('lftp', script(['put big.bin'], limited));
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/552 .*quota/i);
      await limited.expectExactQuota();
      await limited.run('lftp', script(['rm big.bin', 'put fits.bin'], limited));
      expect(Object.keys(await treeOf(limited.home()))).toEqual(['fits.bin']);
      await limited.expectExactQuota();
    });
  });

  test('signs up by quote', async () => {
    const { stdout } = await lftp('quote SITE SIGNUP berta', 'quote PASS battery staple');
    expect(stdout).toMatch(/230.*Account berta created/);
    const client = await site.server.login('berta', 'battery staple');
    expect((await client.command('PWD')).lines).toEqual([expect.stringContaining('"/"')]);
  });
});
