import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite } from './client-site.ts';
import { describeClient, succeeds } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, treeOf } from './samples.ts';
import { expectAllSizesCarried, scriptDriver } from './script-driver.ts';

/** Logs in; scripts go on from there and show what they have found out as JSON. */
const LOGIN = `
import ftplib, io, json, os, sys
def show(value): print(json.dumps(value))
def connect(user=os.environ['FTP_USER'], password=os.environ['FTP_PASSWORD']):
    ftp = ftplib.FTP(timeout=20)
    ftp.encoding = 'utf-8'
    ftp.connect(os.environ['FTP_HOST'], int(os.environ['FTP_PORT']))
    if user: ftp.login(user, password)
    return ftp
`;

describeClient('Python ftplib', succeeds('python3', ['-c', 'import ftplib']), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  const python = scriptDriver({ command: 'python3', before: ['-c'], prelude: LOGIN }, () => site);

  test('a wrong password raises error_perm with the words of the server', async () => {
    const said = await python(`
try: connect(password='wrong')
except ftplib.error_perm as error: show(str(error))`);
    expect(said).toBe('530 Wrong username or password.');
  });

  test('carries files of all sizes both ways', () =>
    expectAllSizesCarried(site, (names) =>
      python(
        `
ftp = connect()
sizes = []
for name in sys.argv[1:]:
    with open(name, 'rb') as file: ftp.storbinary('STOR ' + name, file)
    with open('back-' + name, 'wb') as file: ftp.retrbinary('RETR ' + name, file.write)
    sizes.append(ftp.size(name))
ftp.quit()
show(sizes)`,
        { args: names },
      ),
    ));

  test('makes, lists, renames and removes awkward names', async () => {
    const result = await python(
      `
ftp = connect()
ftp.mkd('awkward')
ftp.cwd('awkward')
names = sys.argv[1:]
made = []
for name in names:
    ftp.storbinary('STOR ' + name, io.BytesIO(name.encode()))
    made.append(ftp.mkd('dir ' + name))
back = []
for name in names:
    ftp.retrbinary('RETR ' + name, lambda octets: back.append(octets.decode()))
lines = []
ftp.dir('-a', lines.append)
result = dict(made=made, back=back, mlsd=[[name, facts['type']] for name, facts in ftp.mlsd()],
    nlst=ftp.nlst('-a'), lines=lines, pwd=[])
for name in names:
    ftp.rename(name, name + '.moved')
    ftp.delete(name + '.moved')
    ftp.cwd('dir ' + name)
    result['pwd'].append(ftp.pwd())
    ftp.cwd('..')
    ftp.rmd('dir ' + name)
ftp.quit()
show(result)`,
      { args: [...AWKWARD_NAMES] },
    );
    const directories = AWKWARD_NAMES.map((name) => `dir ${name}`);
    const paths = directories.map((name) => `/awkward/${name}`);
    expect(result.made).toEqual(paths);
    expect(result.pwd).toEqual(paths);
    expect(result.back).toEqual([...AWKWARD_NAMES]);
    expect(result.mlsd).toEqual(
      expect.arrayContaining([
        ...AWKWARD_NAMES.map((name) => [name, 'file']),
        ...directories.map((name) => [name, 'dir']),
      ]),
    );
    expect(result.nlst).toEqual(expect.arrayContaining([...AWKWARD_NAMES, ...directories]));
    for (const name of AWKWARD_NAMES) {
      expect(result.lines.some((line: string) => line.endsWith(` ${name}`))).toBe(true);
    }
    expect(await treeOf(site.home('awkward'))).toEqual({});
    await site.expectExactQuota();
  });

  test('resumes both ways with rest=, and appends', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('whole.bin', content);
    await site.writeLocal('down.bin', content.subarray(0, 654_321));
    await site.seed('up.bin', content.subarray(0, 123_457));
    await site.seed('log.txt', 'one,');
    await python(`
ftp = connect()
ftp.voidcmd('TYPE I')
with open('whole.bin', 'rb') as file:
    file.seek(ftp.size('up.bin'))
    ftp.storbinary('STOR up.bin', file, rest=file.tell())
with open('down.bin', 'ab') as file:
    ftp.retrbinary('RETR up.bin', file.write, rest=file.tell())
ftp.storbinary('APPE log.txt', io.BytesIO(b'two'))
ftp.quit()`);
    expect(await site.homeDigest('up.bin')).toBe(digestOf(content));
    expect(await site.localDigest('down.bin')).toBe(digestOf(content));
    expect(await site.homeText('log.txt')).toBe('one,two');
    await site.expectExactQuota();
  });

  test('lines of text, modes, times, checksums', async () => {
    const result = await python(`
ftp = connect()
ftp.storlines('STOR text.txt', io.BytesIO(b'one\\ntwo\\n'))
lines = []
ftp.retrlines('RETR text.txt', lines.append)
ftp.sendcmd('SITE CHMOD 600 text.txt')
ftp.sendcmd('MFMT 20190304050607 text.txt')
result = dict(lines=lines, welcome=ftp.getwelcome(),
    replies=[ftp.sendcmd(c) for c in ['MDTM text.txt', 'XMD5 text.txt', 'SITE QUOTA']])
ftp.quit()
show(result)`);
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    const { mode, mtime } = await stat(site.home('text.txt'));
    expect(mode & 0o777).toBe(0o600);
    expect(mtime).toEqual(new Date('2019-03-04T05:06:07Z'));
    expect(result).toEqual({
      lines: ['one', 'two'],
      welcome: '220 MyFTP ready.',
      replies: [
        '213 20190304050607',
        `250 ${digestOf(Buffer.from('one\ntwo\n'), 'md5')}`,
        expect.stringMatching(/^200 \d+ of /),
      ],
    });
  });

  test('signs up, and aborts a download and goes on', async () => {
    await site.seed('large.bin', octets(5_000_000));
    const said = await python(`
ftp = connect(user=None)
said = [ftp.sendcmd('SITE SIGNUP berta'), ftp.sendcmd('PASS battery staple'), ftp.pwd()]
ftp.quit()
ftp = connect()
ftp.voidcmd('TYPE I')
data = ftp.transfercmd('RETR large.bin')
data.recv(1000)
said.append(ftp.abort())
data.close()
try: said.append(ftp.getmultiline())
except ftplib.all_errors as error: said.append(str(error))
said.append(ftp.pwd())
show(said)`);
    expect(said).toEqual([
      expect.stringMatching(/^331 /),
      expect.stringMatching(/^230 Account berta created/),
      '/',
      expect.stringMatching(/^426 /),
      expect.stringMatching(/^22[56] /),
      '/',
    ]);
  });

  test.each([
    ['127.0.0.1', 'True'],
    ['127.0.0.1', 'False'],
    ['::1', 'True'],
    ['::1', 'False'],
  ])('transfers and lists on %s with set_pasv(%s)', async (host, passive) => {
    await ClientSite.during({ host }, async (at) => {
      const names = await python(
        `
ftp = connect()
ftp.set_pasv(${passive})
ftp.storbinary('STOR mode.bin', io.BytesIO(bytes(100000)))
back = bytearray()
ftp.retrbinary('RETR mode.bin', back.extend)
show([ftp.nlst(), bytes(back) == bytes(100000)])
ftp.quit()`,
        { at },
      );
      expect(names).toEqual([['mode.bin'], true]);
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      const said = await python(
        `
ftp = connect()
try: ftp.storbinary('STOR big.bin', io.BytesIO(bytes(600000)))
except ftplib.error_perm as error: show(str(error))`,
        { at: limited },
      );
      expect(said).toMatch(/^552 Quota exceeded/);
      await limited.expectExactQuota();
    });
  });
});
