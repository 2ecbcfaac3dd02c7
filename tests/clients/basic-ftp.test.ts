import { stat } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'basic-ftp';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { AWKWARD_NAMES, digestOf, octets, SIZES, treeOf } from './samples.ts';

async function during<Result>(
  { host, port }: ClientSite,
  task: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(20_000);
  try {
    await client.access({ host, port, user: USERNAME, password: PASSWORD });
    return await task(client);
  } finally {
    client.close();
  }
}

async function textOf(client: Client, path: string): Promise<string> {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  await client.downloadTo(sink, path);
  return text;
}

describe('basic-ftp', () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  test('a wrong password is refused in words of the server', async () => {
    const client = new Client(20_000);
    const { host, port } = site;
    const access = client.access({ host, port, user: USERNAME, password: 'wrong' });
    await expect(access).rejects.toThrow('530 Wrong username or password');
    client.close();
  });

  test.each(SIZES)('carries $name both ways', async ({ name, sizeBytes }) => {
    await site.writeLocal(name, octets(sizeBytes));
    await during(site, async (client) => {
      await client.uploadFrom(site.local(name), name);
      await client.downloadTo(site.local(`back-${name}`), name);
      expect(await client.size(name)).toBe(sizeBytes);
    });
    expect(await site.homeDigest(name)).toBe(await site.localDigest(name));
    expect(await site.localDigest(`back-${name}`)).toBe(await site.localDigest(name));
    await site.expectExactQuota();
  });

  /** basic-ftp cuts blanks at the ends of names, and takes the doubled quotes of PWD for two. */
  const names = AWKWARD_NAMES.filter((name) => name.trim() === name && !name.includes('"'));

  test.each(names)('makes, lists, renames and removes %j', async (name) => {
    await during(site, async (client) => {
      await client.ensureDir(`awkward/dir ${name}`);
      await client.uploadFrom(Readable.from([`content of ${name}`]), name);
      const list = await client.list();
      expect(list.map((file) => [file.name, file.isFile])).toContainEqual([name, true]);
      expect(await textOf(client, name)).toBe(`content of ${name}`);
      await client.rename(name, `${name}.moved`);
      await client.remove(`${name}.moved`);
      await client.cd('/awkward');
      await client.removeDir(`dir ${name}`);
    });
    expect(await treeOf(site.home('awkward'))).toEqual({});
    await site.expectExactQuota();
  });

  test('uploads, downloads and removes trees', async () => {
    for (const name of names) await site.writeLocal(`tree/dir ${name}/${name}`, name);
    await during(site, async (client) => {
      await client.uploadFromDir(site.local('tree'), 'tree');
      expect(await treeOf(site.home('tree'))).toEqual(await treeOf(site.local('tree')));
      await client.downloadToDir(site.local('tree-back'), '/tree');
      expect(await treeOf(site.local('tree-back'))).toEqual(await treeOf(site.local('tree')));
      await client.cd('/');
      await client.removeDir('tree');
    });
    expect(await treeOf(site.home())).not.toHaveProperty('tree');
    await site.expectExactQuota();
  });

  test('resumes a download, appends, tells times, sends what it is told', async () => {
    const content = octets(1_000_000);
    await site.seed('resume.bin', content);
    await site.seed('log.txt', 'one,');
    await site.writeLocal('resume.bin', content.subarray(0, 654_321));
    await during(site, async (client) => {
      await client.downloadTo(site.local('resume.bin'), 'resume.bin', 654_321);
      await client.appendFrom(Readable.from(['two']), 'log.txt');
      await client.send('MFMT 20190304050607 log.txt');
      await client.send('SITE CHMOD 600 log.txt');
      expect(await client.lastMod('log.txt')).toEqual(new Date('2019-03-04T05:06:07Z'));
      expect(await client.features()).toEqual(expect.objectContaining(new Map([['MDTM', '']])));
      const { message } = await client.send('XMD5 log.txt');
      expect(message).toBe(`250 ${digestOf(Buffer.from('one,two'), 'md5')}`);
    });
    expect(await site.localDigest('resume.bin')).toBe(digestOf(content));
    expect(await site.homeText('log.txt')).toBe('one,two');
    expect((await stat(site.home('log.txt'))).mode & 0o777).toBe(0o600);
    await site.expectExactQuota();
  });

  test('transfers and lists over IPv6', async () => {
    await ClientSite.during({ host: '::1' }, async (six) => {
      await during(six, async (client) => {
        await client.uploadFrom(Readable.from(['six']), 'six.txt');
        expect(await textOf(client, 'six.txt')).toBe('six');
        expect((await client.list()).map(({ name }) => name)).toEqual(['six.txt']);
      });
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      await during(limited, async (client) => {
        await expect(client.send('ALLO 600000')).rejects.toThrow('552 Quota exceeded: no space');
        await expect(client.uploadFrom(limited.local('big.bin'), 'big.bin')).rejects.toThrow(
          '552 Quota exceeded',
        );
      });
      await limited.expectExactQuota();
    });
  });
});
