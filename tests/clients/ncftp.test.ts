import { stat, utimes } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome, type ProgramOptions } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES, treeOf } from './samples.ts';

const TOOLS = ['ncftpput', 'ncftpget', 'ncftpls'];

describeClient('ncftp', TOOLS.every(isInstalled), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  /** `-t`: no waiting for ever; `-r 0`: no second try. */
  function login({ port } = site): string[] {
    return ['-u', USERNAME, '-p', PASSWORD, '-P', String(port), '-t', '20', '-r', '0'];
  }
  function put(args: readonly string[], options?: ProgramOptions): Promise<Outcome> {
    return site.run('ncftpput', [...login(), '-V', ...args], options);
  }
  function get(...args: readonly string[]): Promise<Outcome> {
    return site.run('ncftpget', [...login(), '-V', ...args]);
  }
  function list(path: string, ...args: readonly string[]): Promise<Outcome> {
    const url = `ftp://${site.host}/${path.split('/').map(encodeURIComponent).join('/')}`;
    return site.run('ncftpls', [...login(), ...args, url]);
  }

  test('a wrong password ends it with an error', async () => {
    const args = ['-u', USERNAME, '-p', 'no', '-P', String(site.port), '-t', '20', '-r', '0'];
    const { code, stderr } = await site.attempt('ncftpls', [...args, `ftp://${site.host}/`]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('was not accepted for login');
  });

  test('carries files of all sizes both ways', async () => {
    for (const { name, sizeBytes } of SIZES) await site.writeLocal(name, octets(sizeBytes));
    const names = SIZES.map(({ name }) => name);
    await put(['-m', site.host, '/sizes', ...names]);
    await site.writeLocal('back/.made', '');
    await get(site.host, 'back', ...names.map((name) => `/sizes/${name}`));
    for (const name of names) {
      expect(await site.homeDigest(`sizes/${name}`)).toBe(await site.localDigest(name));
      expect(await site.localDigest(`back/${name}`)).toBe(await site.localDigest(name));
    }
    await site.expectExactQuota();
  });

  test.each(AWKWARD_NAMES)('puts and gets %j', async (name) => {
    await site.writeLocal(`names/${name}`, `content of ${name}`);
    await put(['-C', site.host, `names/${name}`, `/${name}`]);
    expect(await site.homeText(name)).toBe(`content of ${name}`);
    // What looks like a pattern cannot be fetched by its name with ncftpget.
    if (name.includes('*')) return;
    await get('-C', site.host, `/${name}`, `names/back of ${name}`);
    expect(await site.localText(`names/back of ${name}`)).toBe(`content of ${name}`);
  });

  test('puts and gets trees with -R', async () => {
    await site.writeLocal('tree/a.txt', 'a');
    await site.writeLocal('tree/sub dir/b b.txt', 'b');
    await site.writeLocal('tree/sub dir/grüße/c.bin', octets(100_000));
    await site.writeLocal('tree/.hidden', 'h');
    await put(['-R', '-m', site.host, '/trees', 'tree']);
    expect(await treeOf(site.home('trees/tree'))).toEqual(await treeOf(site.local('tree')));
    await site.writeLocal('trees-back/.made', '');
    await get('-R', site.host, 'trees-back', '/trees/tree');
    expect(await treeOf(site.local('trees-back/tree'))).toMatchObject({
      'a.txt': digestOf(Buffer.from('a')),
      'sub dir/b b.txt': digestOf(Buffer.from('b')),
      'sub dir/grüße/c.bin': await site.localDigest('tree/sub dir/grüße/c.bin'),
    });
    await site.expectExactQuota();
  });

  test('lists in all of its forms', async () => {
    await site.seed('listed/two words.txt', 'four');
    await site.seed('listed/.dot', '');
    await site.seed('listed/sub/deep.txt', 'x');
    expect((await list('listed/', '-1')).stdout.split('\n')).toContain('two words.txt');
    expect((await list('listed/', '-1', '-a')).stdout.split('\n')).toContain('.dot');
    expect((await list('listed/', '-l')).stdout).toMatch(/^-rw.* 4 .*two words\.txt$/m);
    expect((await list('listed/', '-m')).stdout).toMatch(/size=4;.* two words\.txt/i);
    expect((await list('', '-l')).stdout).toMatch(/^drwx.* listed$/m);
  });

  test('resumes both ways with -z', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('up.bin', content);
    await site.seed('resume/up.bin', content.subarray(0, 123_457));
    // `-s`: with sendfile(), ncftpput 3.2.6 sends the whole file after REST.
    await put(['-z', '-s', site.host, '/resume', 'up.bin']);
    expect(await site.homeDigest('resume/up.bin')).toBe(digestOf(content));
    await site.writeLocal('down/up.bin', content.subarray(0, 654_321));
    await get('-z', site.host, 'down', '/resume/up.bin');
    expect(await site.localDigest('down/up.bin')).toBe(digestOf(content));
    await site.expectExactQuota();
  });

  test('appends, pipes, and renames from a temporary name', async () => {
    await site.seed('log.txt', 'one,');
    await site.writeLocal('log.txt', 'two,');
    await put(['-A', site.host, '/', 'log.txt']);
    await put(['-c', site.host, '/piped.txt'], { input: 'from a pipe' });
    await site.writeLocal('whole.txt', 'whole');
    await put(['-S', '.tmp', site.host, '/', 'whole.txt']);
    expect(await site.homeText('log.txt')).toBe('one,two,');
    expect(await site.homeText('piped.txt')).toBe('from a pipe');
    expect(await site.homeText('whole.txt')).toBe('whole');
    const { stdout } = await get('-c', site.host, '/log.txt');
    expect(stdout).toBe('one,two,');
    await site.expectExactQuota();
  });

  test('keeps the times of files both ways', async () => {
    const date = new Date('2019-03-04T05:06:07Z');
    await site.writeLocal('dated/dated.txt', 'dated');
    await utimes(site.local('dated/dated.txt'), date, date);
    await put(['-y', site.host, '/', 'dated/dated.txt']);
    expect((await stat(site.home('dated.txt'))).mtime).toEqual(date);
    await get(site.host, '.', '/dated.txt');
    expect((await stat(site.local('dated.txt'))).mtime).toEqual(date);
  });

  test('text gets the line ends of the network on the way, both ways', async () => {
    await site.writeLocal('text.txt', 'one\ntwo\n');
    await put(['-a', site.host, '/', 'text.txt']);
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    await site.writeLocal('text/.made', '');
    await get('-a', site.host, 'text', '/text.txt');
    expect(await site.localText('text/text.txt')).toBe('one\ntwo\n');
  });

  test('sends what it is told before and after: SITE CHMOD, RNFR, RNTO, DELE', async () => {
    await site.writeLocal('raw.txt', 'raw');
    await put([
      ...['-W', 'MKD raw', '-X', 'SITE CHMOD 600 raw.txt', '-Y', 'RNFR raw.txt'],
      ...['-Y', 'RNTO new name.txt', '-Y', 'RMD raw', site.host, '/', 'raw.txt'],
    ]);
    expect((await stat(site.home('new name.txt'))).mode & 0o777).toBe(0o600);
    await list('', '-Y', 'DELE new name.txt');
    expect(await treeOf(site.home())).not.toHaveProperty('new name.txt');
    expect(await treeOf(site.home())).not.toHaveProperty('raw');
    await site.expectExactQuota();
  });

  test.each([
    ['passive', '-F'],
    ['active', '-E'],
  ])('transfers and lists in %s mode', async (mode, flag) => {
    await site.writeLocal(`${mode}.bin`, octets(100_000));
    await put([flag, site.host, '/', `${mode}.bin`]);
    await site.writeLocal('mode/.made', '');
    await get(flag, site.host, 'mode', `/${mode}.bin`);
    expect(await site.localDigest(`mode/${mode}.bin`)).toBe(await site.localDigest(`${mode}.bin`));
    expect((await list('', flag, '-1')).stdout).toContain(`${mode}.bin`);
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      const args = [...login(limited), '-V', '-d', 'stdout', limited.host, '/', 'big.bin'];
      const { code, stdout } = await limited.attempt('ncftpput', args);
      expect(code).not.toBe(0);
      expect(stdout).toContain('552: Quota exceeded');
      await limited.expectExactQuota();
    });
  });
});
