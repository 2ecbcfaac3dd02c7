import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Bookmarks } from './bookmarks.ts';
import { type ClientPaths, clientPaths } from './client-paths.ts';
import { Pins } from './pins.ts';
import { readClientSettings } from './settings.ts';
import type { Site } from './site.ts';

const WORK: Site = {
  id: 'work',
  name: 'work',
  host: 'ftp.example.org',
  port: 2121,
  tls: 'explicit',
  username: 'anna',
  remotePath: '/www',
  localPath: undefined,
};

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');

let home: string;
let paths: ClientPaths;
let bookmarks: Bookmarks;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'myftp-sites-'));
  paths = clientPaths({ HOME: home });
  bookmarks = new Bookmarks(paths);
});
afterEach(() => rm(home, { recursive: true }));

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(join(home, '.config', 'myftp'), { recursive: true });
  await writeFile(path, text);
}

describe('bookmarks', () => {
  test('are none where there is no file', async () => {
    expect(await bookmarks.list()).toEqual([]);
  });

  test('come back as they were kept, by name', async () => {
    await bookmarks.save(WORK);
    await bookmarks.save({ ...WORK, id: 'backup', name: 'backup', tls: 'implicit' });
    expect(await bookmarks.find('work')).toEqual(WORK);
    expect((await bookmarks.list()).map(({ id }) => id)).toEqual(['backup', 'work']);
  });

  test('are in a file that only its owner can read, and no draft stays beside it', async () => {
    await bookmarks.save(WORK);
    expect((await stat(paths.bookmarks)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(home, '.config', 'myftp'))).toEqual(['sites.toml']);
  });

  test('keep the host of data connections when the form saves them for the same server', async () => {
    await bookmarks.save({ ...WORK, passiveHost: '192.0.2.1' });
    await bookmarks.save({ ...WORK, username: 'ben' });
    expect(await bookmarks.find('work')).toMatchObject({ passiveHost: '192.0.2.1' });
    await bookmarks.save({ ...WORK, host: 'other.example' });
    expect(await bookmarks.find('work')).not.toHaveProperty('passiveHost');
  });

  test('can be renamed and removed', async () => {
    await bookmarks.save(WORK);
    await bookmarks.save({ ...WORK, id: 'new', name: 'new' }, 'work');
    expect((await bookmarks.list()).map(({ id }) => id)).toEqual(['new']);
    expect(await bookmarks.remove('work')).toBe(false);
    expect(await bookmarks.remove('new')).toBe(true);
    expect(await bookmarks.list()).toEqual([]);
  });

  test('need little: TLS, its port and anonymous are taken for granted', async () => {
    await writeText(paths.bookmarks, '[pub]\nhost = "ftp.example.org"\nlocal-path = "~/pub"\n');
    expect(await bookmarks.find('pub')).toMatchObject({
      port: 21,
      tls: 'explicit',
      username: 'anonymous',
      localPath: join(home, 'pub'),
    });
  });

  test.each(['', '-x', 'a b', 'a:b', '../x'])('Invalid site name %p', async (name) => {
    await expect(bookmarks.save({ ...WORK, name })).rejects.toThrow(/Invalid site name/);
  });

  test('with a wrong key are refused with its name, and left as they are', async () => {
    const text = '[work]\nhost = "h"\npasword = "x"\nport = 0\n';
    await writeText(paths.bookmarks, text);
    await expect(bookmarks.list()).rejects.toThrow(/work\.pasword: no such key/);
    await expect(bookmarks.list()).rejects.toThrow(/work\.port: must be at least 1/);
    await expect(bookmarks.save(WORK)).rejects.toThrow(/no such key/);
    expect(await readFile(paths.bookmarks, 'utf8')).toBe(text);
  });

  test('without a host are refused', async () => {
    await writeText(paths.bookmarks, '[work]\nport = 21\n');
    await expect(bookmarks.list()).rejects.toThrow(/work\.host: is missing/);
  });

  test('that are no TOML are refused with the line', async () => {
    await writeText(paths.bookmarks, '[work]\nhost = \n');
    await expect(bookmarks.list()).rejects.toThrow(/sites\.toml, line 2: /);
  });
});

describe('settings', () => {
  test('have defaults', async () => {
    expect(await readClientSettings(paths.settings)).toMatchObject({ jobs: 3, verify: true });
  });

  test('name what is wrong', async () => {
    await writeText(paths.settings, 'jobs = 0\ncolour = "red"\n');
    await expect(readClientSettings(paths.settings)).rejects.toThrow(/jobs: must be at least 1/);
    await expect(readClientSettings(paths.settings)).rejects.toThrow(/colour: no such key/);
  });
});

describe('pins', () => {
  test('are kept by host and port', async () => {
    const pins = new Pins(paths);
    await pins.pin({ host: 'FTP.example.org', port: 21 }, FINGERPRINT);
    await pins.pin({ host: '::1', port: 2121 }, FINGERPRINT);
    expect(await pins.find({ host: 'ftp.example.org', port: 21 })).toBe(FINGERPRINT);
    expect(await pins.find({ host: '::1', port: 2121 })).toBe(FINGERPRINT);
    expect(await pins.find({ host: 'ftp.example.org', port: 22 })).toBeUndefined();
    await pins.forget({ host: '::1', port: 2121 });
    expect(await pins.find({ host: '::1', port: 2121 })).toBeUndefined();
  });
});

test('the XDG variables decide where all of it is', () => {
  const moved = clientPaths({ HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' });
  expect([moved.bookmarks, moved.stateDirectory, moved.netrc]).toEqual([
    '/c/myftp/sites.toml',
    '/s/myftp',
    '/h/.netrc',
  ]);
});
