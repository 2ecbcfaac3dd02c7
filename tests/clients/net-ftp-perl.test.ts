import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite } from './client-site.ts';
import { describeClient, succeeds } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, treeOf } from './samples.ts';
import { expectAllSizesCarried, scriptDriver } from './script-driver.ts';

/** Logs in; scripts go on from there and show what they have found out as JSON. Names are octets. */
const LOGIN = `
use strict; use warnings; use Net::FTP; use JSON::PP;
sub show { print JSON::PP->new->utf8(0)->allow_nonref->encode($_[0]) }
sub connection {
  my %options = @_;
  return Net::FTP->new($ENV{FTP_HOST}, Port => $ENV{FTP_PORT}, Timeout => 20, %options) || die $@;
}
sub login {
  my $ftp = connection(@_);
  $ftp->login($ENV{FTP_USER}, $ENV{FTP_PASSWORD}) || die $ftp->message;
  $ftp->binary;
  return $ftp;
}
`;

const isThere = succeeds('perl', ['-MNet::FTP', '-MJSON::PP', '-e', '1']);

describeClient("Perl's Net::FTP", isThere, () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  const perl = scriptDriver(
    { command: 'perl', before: ['-e'], between: ['--'], prelude: LOGIN },
    () => site,
  );

  test('a wrong password is refused in words of the server', async () => {
    const said = await perl(`
my $ftp = connection();
show([$ftp->login($ENV{FTP_USER}, 'wrong') ? 1 : 0, $ftp->code, $ftp->message]);`);
    expect(said).toEqual([0, expect.anything(), 'Wrong username or password.\n']);
  });

  test('carries files of all sizes both ways', () =>
    expectAllSizesCarried(site, (names) =>
      perl(
        `
my $ftp = login();
my @sizes;
for my $name (@ARGV) {
  $ftp->put($name) or die $ftp->message;
  $ftp->get($name, "back-$name") or die $ftp->message;
  push @sizes, 0 + $ftp->size($name);
}
$ftp->quit;
show(\\@sizes);`,
        { args: names },
      ),
    ));

  test('makes, lists, renames and removes awkward names', async () => {
    await site.writeLocal('content', 'content');
    const result = await perl(
      `
my $ftp = login();
$ftp->mkdir('awkward/deep/deeper', 1) or die $ftp->message;
$ftp->rmdir('awkward/deep', 1) or die $ftp->message;
$ftp->cwd('awkward') or die $ftp->message;
my @pwd;
for my $name (@ARGV) {
  $ftp->put('content', $name) or die $ftp->message;
  $ftp->get($name, 'fetched') or die $ftp->message;
  $ftp->mkdir("dir $name") or die $ftp->message;
}
my @names = $ftp->ls('-a');
my @lines = $ftp->dir('-a');
for my $name (@ARGV) {
  $ftp->rename($name, "$name.moved") or die $ftp->message;
  $ftp->delete("$name.moved") or die $ftp->message;
  $ftp->cwd("dir $name") or die $ftp->message;
  push @pwd, $ftp->pwd;
  $ftp->cdup;
  $ftp->rmdir("dir $name") or die $ftp->message;
}
$ftp->quit;
show({ names => \\@names, lines => \\@lines, pwd => \\@pwd });`,
      { args: [...AWKWARD_NAMES] },
    );
    const directories = AWKWARD_NAMES.map((name) => `dir ${name}`);
    const paths = directories.map((name) => `/awkward/${name}`);
    expect(result.pwd).toEqual(paths);
    expect(result.names).toEqual(expect.arrayContaining([...AWKWARD_NAMES, ...directories]));
    for (const name of AWKWARD_NAMES) {
      expect(result.lines.some((line: string) => line.endsWith(` ${name}`))).toBe(true);
    }
    expect(await treeOf(site.home('awkward'))).toEqual({});
    await site.expectExactQuota();
  });

  test('resumes both ways, appends, stores under a new name', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('whole.bin', content);
    await site.writeLocal('down.bin', content.subarray(0, 654_321));
    await site.seed('up.bin', content.subarray(0, 123_457));
    await site.seed('log.txt', 'one,');
    await site.writeLocal('two', 'two');
    const unique = await perl(`
my $ftp = login();
open my $file, '<:raw', 'whole.bin' or die;
$ftp->restart(123457);
seek $file, 123457, 0;
$ftp->put($file, 'up.bin') or die $ftp->message;
$ftp->get('up.bin', 'down.bin', 654321) or die $ftp->message;
$ftp->append('two', 'log.txt') or die $ftp->message;
my $name = $ftp->put_unique('two', 'two') or die $ftp->message;
$ftp->quit;
show($ftp->unique_name || $name);`);
    expect(await site.homeDigest('up.bin')).toBe(digestOf(content));
    expect(await site.localDigest('down.bin')).toBe(digestOf(content));
    expect(await site.homeText('log.txt')).toBe('one,two');
    expect(await site.homeText(unique)).toBe('two');
    await site.expectExactQuota();
  });

  test('text, modes, times, features, checksums', async () => {
    await site.writeLocal('text.txt', 'one\ntwo\n');
    const result = await perl(`
my $ftp = login();
$ftp->ascii;
$ftp->put('text.txt') or die $ftp->message;
$ftp->get('text.txt', 'text-back.txt') or die $ftp->message;
$ftp->site('CHMOD', '600', 'text.txt');
$ftp->quot('MFMT', '20190304050607', 'text.txt');
my $time = $ftp->mdtm('text.txt');
$ftp->quot('XMD5', 'text.txt');
my $digest = $ftp->message;
show({ time => $time, digest => $digest, rest => $ftp->supported('REST') ? 1 : 0 });
$ftp->quit;`);
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    expect(await site.localText('text-back.txt')).toBe('one\ntwo\n');
    expect((await stat(site.home('text.txt'))).mode & 0o777).toBe(0o600);
    expect(result).toEqual({
      time: Date.parse('2019-03-04T05:06:07Z') / 1000,
      digest: `${digestOf(Buffer.from('one\ntwo\n'), 'md5')}\n`,
      rest: 1,
    });
  });

  test('signs up, and aborts a download and goes on', async () => {
    await site.seed('large.bin', octets(5_000_000));
    const said = await perl(`
my $ftp = connection();
$ftp->quot('SITE', 'SIGNUP', 'berta');
$ftp->quot('PASS', 'battery staple');
my @said = ($ftp->message);
$ftp->quit;
$ftp = login();
my $data = $ftp->retr('large.bin') or die $ftp->message;
$data->read(my $octets, 1000);
$data->abort;
push @said, 0 + $ftp->code, $ftp->pwd;
show(\\@said);`);
    expect(said).toEqual([expect.stringContaining('Account berta created'), 226, '/']);
  });

  test.each([
    ['127.0.0.1', 1],
    ['127.0.0.1', 0],
    ['::1', 1],
    ['::1', 0],
  ])('transfers and lists on %s with Passive => %i', async (host, passive) => {
    await ClientSite.during({ host }, async (at) => {
      await at.writeLocal('mode.bin', octets(100_000));
      const names = await perl(
        `
my $ftp = login(Passive => ${passive});
$ftp->put('mode.bin') or die $ftp->message;
$ftp->get('mode.bin', 'back.bin') or die $ftp->message;
show([$ftp->ls]);
$ftp->quit;`,
        { at },
      );
      expect(names).toEqual(['mode.bin']);
      expect(await at.localDigest('back.bin')).toBe(await at.localDigest('mode.bin'));
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      const said = await perl(
        `
my $ftp = login();
my $done = $ftp->put('big.bin');
show([$done ? 1 : 0, 0 + $ftp->code, $ftp->message]);`,
        { at: limited },
      );
      expect(said).toEqual([0, 552, expect.stringContaining('Quota exceeded: no space')]);
      await limited.expectExactQuota();
    });
  });
});
