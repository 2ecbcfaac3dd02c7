import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());

const sites = (...args: string[]) => client.run(['sites', ...args]);

test('sites are added, listed, shown, replaced and removed', async () => {
  expect((await sites('list')).stdout).toBe('');
  expect((await sites('add', 'work', 'ftp://anna@h.example/www')).code).toBe(0);
  expect((await sites('add', 'old', 'ftp://ben@h.example:2121', '--plain')).code).toBe(0);
  expect((await sites('list')).stdout).toBe(
    'old   ftp://ben@h.example:2121  (not encrypted)\nwork  ftp://anna@h.example:21/www\n',
  );
  expect(jsonLines(await sites('show', 'work', '--json'))).toEqual([
    {
      name: 'work',
      host: 'h.example',
      port: 21,
      tls: 'explicit',
      username: 'anna',
      remotePath: '/www',
    },
  ]);
  const again = await sites('add', 'work', 'ftps://h.example/');
  expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('--overwrite')]);
  expect((await sites('add', 'work', 'ftps://h.example/', '--overwrite')).code).toBe(0);
  expect((await sites('remove', 'old')).code).toBe(0);
  expect((await sites('list')).stdout).toBe('work  ftps://anonymous@h.example:990/\n');
});

test('the settings of a site are kept as they are written, and shown', async () => {
  const settings = ['--passive-host', 'd.example', '--proxy', 'socks5://ben@p.example'];
  const url = 'ftp://anna@h.example/';
  expect((await sites('add', 'far', url, ...settings, '--limit-rate', '1.5M')).code).toBe(0);
  const file = (await client.read('../home/.config/myftp/sites.toml')).toString();
  expect(file).toContain('passive-host = "d.example"\n');
  expect(file).toContain('proxy = "socks5://ben@p.example:1080"\n');
  expect(file).toContain('limit-rate = "1536k"\n');
  expect(jsonLines(await sites('show', 'far', '--json'))).toEqual([
    expect.objectContaining({
      passiveHost: 'd.example',
      proxy: 'socks5://ben@p.example:1080',
      limitBytesPerSecond: 1_572_864,
    }),
  ]);
  const { stdout } = await sites('show', 'far');
  expect(stdout).toContain('Data host d.example\nProxy     socks5://ben@p.example:1080\n');
  expect(stdout).toContain('Limit     1536k\n');
  await sites('remove', 'far');
});

test.each([
  ['proxy = "socks4://h"', /proxy: Expected socks5:/],
  ['proxy = "http://ben:hunter2@h"', /proxy: A password in a proxy URL is visible/],
  ['limit-rate = "fast"', /limit-rate: must be octets a second/],
  ['passive-host = ""', /passive-host: must not be empty/],
])('the setting %s stops with file, site and setting', async (line, reason) => {
  const path = '../home/.config/myftp/sites.toml';
  const before = await client.read(path);
  await client.write(path, `[bad]\nhost = "h"\n${line}\n`);
  const { code, stderr } = await sites('list');
  expect([code, stderr]).toEqual([64, expect.stringMatching(reason)]);
  expect(stderr).toMatch(/\/\.config\/myftp\/sites\.toml is invalid:\n {2}bad\./);
  expect(stderr).not.toContain('hunter2');
  await client.write(path, before.toString());
});

test.each([
  [['add', 'a b', 'ftp://h/'], /Invalid site name/],
  [['add', 'x', 'h.example'], /Expected a URL/],
  [['add', 'x', 'ftp://anna:hunter2@h/'], /A password in a URL is visible/],
  [['add', 'x', 'ftp://h/', '--proxy', 'https://h'], /Expected socks5/],
  [['show', 'none'], /Unknown site "none"/],
  [['remove', 'none'], /Unknown site "none"/],
])('sites %p is refused', async (args, reason) => {
  const outcome = await sites(...args);
  expect([outcome.code, outcome.stderr]).toEqual([64, expect.stringMatching(reason)]);
});

describe('sites import', () => {
  const sitesOf = async () => (await sites('list')).stdout;

  test('tells with --dry-run what it would do, and does nothing', async () => {
    const file = await client.write('bookmarks', 'shop\tftp://anna:hunter2@shop.example/www\n');
    const before = await sitesOf();
    const { code, stdout, stderr } = await sites('import', file, '--dry-run');
    expect([code, stdout]).toEqual([0, 'new       shop  ftp://anna@shop.example:21/www\n']);
    expect(stderr).toBe('myftp-tui: 1 of 1 sites of lftp would be added.\n');
    expect(await sitesOf()).toBe(before);
  });

  test('bookmarks sites once, tells what it skips, and stores no password', async () => {
    const file = await client.write(
      'rclone.conf',
      '[cloud]\ntype = s3\n[shop]\ntype = ftp\nhost = shop.example\nuser = anna\npass = hunter2\n',
    );
    expect(jsonLines(await sites('import', file, '--json'))).toEqual([
      { type: 'site', action: 'skip', label: 'cloud', note: 'its type is s3, not ftp.' },
      expect.objectContaining({ type: 'site', action: 'add', name: 'shop', tls: 'none' }),
    ]);
    expect((await sites('import', file)).stdout).toContain('already saved as "shop".');
    expect(await sitesOf()).toContain('shop  ftp://anna@shop.example:21  (not encrypted)\n');
    const stored = await client.read('../home/.config/myftp/sites.toml');
    expect(stored.toString()).not.toContain('hunter2');
  });

  test.each([
    [['missing.xml'], /missing\.xml cannot be read: no such file\./],
    [['broken.xml'], /broken\.xml: Malformed XML: /],
    [['--ask-passwords', 'broken.xml'], /--ask-passwords requires a terminal/],
  ])('%j is refused with a sentence', async (args, reason) => {
    await client.write('broken.xml', '<FileZilla3><Servers>');
    const outcome = await sites('import', ...args);
    expect([outcome.code, outcome.stderr]).toEqual([64, expect.stringMatching(reason)]);
  });
});
