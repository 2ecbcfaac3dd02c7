import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RecentServers } from './recent-servers.ts';
import { SITE } from './testing/example-site.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-recent-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a recent server keeps what it takes to reach it', async () => {
  const path = join(directory, 'recent.toml');
  const recent = new RecentServers({ recent: path });
  const proxy = { kind: 'socks5', host: 'p.example', port: 1080, username: 'ben' } as const;
  const settings = { passiveHost: 'd.example', proxy, limitBytesPerSecond: 2048 };
  await recent.add({ ...SITE, name: undefined, ...settings });
  expect(await recent.list()).toEqual([
    expect.objectContaining({ host: SITE.host, port: 21, username: 'anna', ...settings }),
  ]);
  expect(await readFile(path, 'utf8')).toContain('proxy = "socks5://ben@p.example:1080"');
});
