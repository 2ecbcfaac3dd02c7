import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite } from './client-site.ts';
import { describeClient, succeeds } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, treeOf } from './samples.ts';
import { expectAllSizesCarried, scriptDriver } from './script-driver.ts';

/** Logs in; scripts go on from there and show what they have found out as JSON. */
const LOGIN = `
require 'json'
require 'net/ftp'
def show(value) = puts(JSON.generate(value))
def connection(passive: true)
  Net::FTP.new(ENV['FTP_HOST'], port: ENV['FTP_PORT'].to_i, passive: passive, open_timeout: 20, read_timeout: 20)
end
def login(**options)
  connection(**options).tap { |ftp| ftp.login(ENV['FTP_USER'], ENV['FTP_PASSWORD']) }
end
`;

describeClient("Ruby's Net::FTP", succeeds('ruby', ['-rnet/ftp', '-e', '']), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  const ruby = scriptDriver(
    { command: 'ruby', before: ['-e'], between: ['--'], prelude: LOGIN },
    () => site,
  );

  test('a wrong password is refused in words of the server', async () => {
    const said = await ruby(`
begin connection.login(ENV['FTP_USER'], 'wrong')
rescue Net::FTPPermError => error then show(error.message) end`);
    expect(said).toBe('530 Wrong username or password.\n');
  });

  test('carries files of all sizes both ways', () =>
    expectAllSizesCarried(site, (names) =>
      ruby(
        `
ftp = login
sizes = ARGV.map do |name|
  ftp.putbinaryfile(name)
  ftp.getbinaryfile(name, 'back-' + name)
  ftp.size(name)
end
show(sizes)
ftp.quit`,
        { args: names },
      ),
    ));

  test('makes, lists, renames and removes awkward names', async () => {
    await site.writeLocal('content', 'content');
    const result = await ruby(
      `
ftp = login
ftp.mkdir('awkward')
ftp.chdir('awkward')
made = ARGV.map { |name| ftp.putbinaryfile('content', name); ftp.mkdir('dir ' + name) }
result = { made: made, mlsd: ftp.mlsd.map { |entry| [entry.pathname, entry.type] }, nlst: ftp.nlst('-a'), pwd: [] }
ARGV.each do |name|
  ftp.getbinaryfile(name, 'fetched')
  ftp.rename(name, name + '.moved')
  ftp.delete(name + '.moved')
  ftp.chdir('dir ' + name)
  result[:pwd] << ftp.pwd
  ftp.chdir('..')
  ftp.rmdir('dir ' + name)
end
show(result)
ftp.quit`,
      { args: [...AWKWARD_NAMES] },
    );
    const paths = AWKWARD_NAMES.map((name) => `/awkward/dir ${name}`);
    expect(result.made).toEqual(paths);
    expect(result.pwd).toEqual(paths);
    expect(result.nlst).toEqual(expect.arrayContaining([...AWKWARD_NAMES]));
    expect(result.mlsd).toEqual(
      expect.arrayContaining(AWKWARD_NAMES.map((name) => [name, 'file'])),
    );
    expect(await treeOf(site.home('awkward'))).toEqual({});
    await site.expectExactQuota();
  });

  test('resumes both ways, text, times, sign-up', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('whole.bin', content);
    await site.writeLocal('down.bin', content.subarray(0, 654_321));
    await site.writeLocal('text.txt', 'one\ntwo\n');
    await site.seed('up.bin', content.subarray(0, 123_457));
    const result = await ruby(`
ftp = login
ftp.resume = true
ftp.putbinaryfile('whole.bin', 'up.bin')
ftp.getbinaryfile('up.bin', 'down.bin')
ftp.resume = false
ftp.puttextfile('text.txt')
ftp.gettextfile('text.txt', 'text-back.txt')
ftp.sendcmd('MFMT 20190304050607 text.txt')
result = [ftp.mtime('text.txt').to_i]
result << ftp.sendcmd('SITE SIGNUP berta') << ftp.sendcmd('PASS battery staple') << ftp.pwd
show(result)`);
    expect(await site.homeDigest('up.bin')).toBe(digestOf(content));
    expect(await site.localDigest('down.bin')).toBe(digestOf(content));
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    expect(await site.localText('text-back.txt')).toBe('one\ntwo\n');
    expect(result).toEqual([
      Date.parse('2019-03-04T05:06:07Z') / 1000,
      expect.stringMatching(/^331 /),
      expect.stringMatching(/^230 Account berta created/),
      '/',
    ]);
    await site.expectExactQuota();
  });

  test.each([
    ['127.0.0.1', 'true'],
    ['127.0.0.1', 'false'],
    ['::1', 'true'],
    ['::1', 'false'],
  ])('transfers and lists on %s with passive: %s', async (host, passive) => {
    await ClientSite.during({ host }, async (at) => {
      await at.writeLocal('mode.bin', octets(100_000));
      const script = `
ftp = login(passive: ${passive})
ftp.putbinaryfile('mode.bin')
ftp.getbinaryfile('mode.bin', 'back.bin')
show(ftp.nlst)
ftp.quit`;
      expect(await ruby(script, { at })).toEqual(['mode.bin']);
      expect(await at.localDigest('back.bin')).toBe(await at.localDigest('mode.bin'));
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      const script = `
begin login.putbinaryfile('big.bin')
rescue Net::FTPPermError => error then show(error.message) end`;
      expect(await ruby(script, { at: limited })).toMatch(/^552 Quota exceeded/);
      await limited.expectExactQuota();
    });
  });
});
