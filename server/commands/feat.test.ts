import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const TEXT = 'hello, hello';
const hashOf = (algorithm: string) => createHash(algorithm).update(TEXT).digest('hex');

describe('FEAT', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR a.txt', TEXT);
  });
  afterAll(() => server.dispose());

  const answer = async (line: string) => (await client.command(line)).lines.join('\n');

  /** What shows that a feature works. */
  const exercises: Readonly<Record<string, () => Promise<unknown>>> = {
    async AVBL() {
      expect(await answer('AVBL')).toBe(`213 ${1024 ** 3 - TEXT.length}`);
    },
    async CLNT() {
      expect(await answer('CLNT jest')).toMatch(/^200 /);
    },
    async EPRT() {
      expect(await answer('EPRT |1|127.0.0.1|5000|')).toMatch(/^200 /);
    },
    async EPSV() {
      expect(await answer('EPSV')).toMatch(/^229 .*\(\|\|\|\d+\|\)/);
    },
    async 'HASH SHA-256*;SHA-512;SHA-1;MD5;CRC32'() {
      expect(await answer('HASH a.txt')).toBe(`213 SHA-256 0-11 ${hashOf('sha256')} /a.txt`);
      for (const algorithm of ['SHA-512', 'SHA-1', 'MD5', 'CRC32']) {
        await client.command(`OPTS HASH ${algorithm}`);
        expect(await answer('HASH a.txt')).toMatch(new RegExp(`^213 ${algorithm} 0-11 [0-9a-f]+ `));
      }
      await client.command('OPTS HASH SHA-256');
    },
    async HOST() {
      const stranger = await server.connect();
      expect((await stranger.command('HOST ftp.example.com')).code).toBe(220);
    },
    async MDTM() {
      expect(await answer('MDTM a.txt')).toMatch(/^213 \d{14}$/);
    },
    async MFMT() {
      expect(await answer('MFMT 20240229123456 a.txt')).toMatch(/^213 Modify=20240229123456; \/a/);
      expect(await answer('MDTM a.txt')).toBe('213 20240229123456');
    },
    async 'MLST type*;size*;modify*;perm*;unique*;UNIX.mode*;X.partial*;'() {
      expect(await answer('MLST a.txt')).toMatch(/^250-.*\n type=file;size=12;.* \/a\.txt\n250 /);
      const { data } = await client.retrieve('MLSD');
      expect(data.toString()).toMatch(/^type=file;size=12;.* a\.txt\r$/m);
    },
    async 'RANG STREAM'() {
      await client.command('RANG 1 4');
      expect((await client.retrieve('RETR a.txt')).data.toString()).toBe('ello');
    },
    async RECEIPT() {
      await client.command('OPTS RECEIPT ON');
      const { closing } = await client.retrieve('RETR a.txt');
      expect(closing.lines[1]).toContain(` SHA-256 ${hashOf('sha256')} size 12 receipt `);
      await client.command('OPTS RECEIPT OFF');
    },
    async 'REST STREAM'() {
      await client.command('REST 7');
      expect((await client.retrieve('RETR a.txt')).data.toString()).toBe('hello');
    },
    async 'SITE CHMOD'() {
      expect(await answer('SITE CHMOD 600 a.txt')).toMatch(/^200 /);
      expect(await answer('MLST a.txt')).toContain('UNIX.mode=0600;');
    },
    async 'SITE PARTIALS'() {
      expect(await answer('SITE PARTIALS')).toMatch(/^213 /);
    },
    async 'SITE EXPECT'() {
      expect(await answer(`SITE EXPECT MD5 ${hashOf('md5')} 12`)).toMatch(/^200 /);
      expect((await client.store('STOR a.txt', TEXT)).closing.code).toBe(226);
    },
    async 'SITE MODIFIED'() {
      expect(await answer('SITE MODIFIED 20230101101112')).toMatch(/^200 /);
      expect((await client.store('STOR a.txt', TEXT)).closing.code).toBe(226);
      expect(await answer('MDTM a.txt')).toBe('213 20230101101112');
    },
    async 'SITE PASSWD'() {
      expect(await answer('SITE PASSWD')).toMatch(/^331 /);
    },
    async 'SITE QUOTA'() {
      expect(await answer('SITE QUOTA')).toMatch(/^200 12 of \d+ bytes/);
    },
    async 'SITE SIGNUP'() {
      await (await server.signUp('berta')).close();
    },
    async 'SITE TRASH'() {
      expect(await answer('SITE TRASH')).toBe('213 Deleted files are not kept.');
    },
    async 'SITE UMASK'() {
      expect(await answer('SITE UMASK 027')).toMatch(/^200 /);
      expect((await client.store('STOR masked.txt', 'octets')).closing.code).toBe(226);
      expect(await answer('MLST masked.txt')).toMatch(/UNIX\.mode=0?640;/i);
    },
    async 'SITE UTIME'() {
      expect(await answer('SITE UTIME 20230101101112 a.txt')).toMatch(/^200 /);
      expect(await answer('MDTM a.txt')).toBe('213 20230101101112');
    },
    async SIZE() {
      expect(await answer('SIZE a.txt')).toBe('213 12');
    },
    async TVFS() {
      await client.command('MKD tvfs');
      expect(await answer('SIZE /tvfs/../a.txt')).toBe('213 12');
    },
    async UTF8() {
      await client.store('STOR grüße 日本', TEXT);
      expect((await client.retrieve('NLST')).data.toString()).toContain('grüße 日本\r\n');
    },
    async XCRC() {
      expect(await answer('XCRC a.txt')).toMatch(/^250 [0-9A-F]{8}$/);
    },
    async XMD5() {
      expect(await answer('XMD5 a.txt')).toBe(`250 ${hashOf('md5')}`);
    },
    async XSHA1() {
      expect(await answer('XSHA1 a.txt')).toBe(`250 ${hashOf('sha1')}`);
    },
    async XSHA256() {
      expect(await answer('XSHA256 a.txt')).toBe(`250 ${hashOf('sha256')}`);
    },
    async XSHA512() {
      expect(await answer('XSHA512 a.txt')).toBe(`250 ${hashOf('sha512')}`);
    },
  };

  async function features(from = client): Promise<string[]> {
    const { code, lines } = await from.command('FEAT');
    expect(code).toBe(211);
    return lines.slice(1, -1).map((line) => line.slice(1));
  }

  test('announces what is exercised here, and nothing else', async () => {
    expect((await features()).sort()).toEqual(Object.keys(exercises).sort());
  });

  test.each(Object.keys(exercises))('%s works', async (feature) => {
    await exercises[feature]?.();
  });

  test('is the same before login', async () => {
    expect(await features(await server.connect())).toEqual(await features());
  });

  test('each line is indented by one blank (RFC 2389 §3.2)', async () => {
    const { lines } = await client.command('FEAT');
    expect(lines.slice(1, -1).every((line) => /^ [A-Z]/.test(line))).toBe(true);
  });

  test('stars follow OPTS MLST and OPTS HASH', async () => {
    const { lines } = await client.command('OPTS MLST size;TYPE;nonsense;');
    expect(lines[0]).toBe('200 MLST OPTS type;size;');
    await client.command('OPTS HASH MD5');
    expect(await features()).toEqual(
      expect.arrayContaining([
        'MLST type*;size*;modify;perm;unique;UNIX.mode;X.partial;',
        'HASH SHA-256;SHA-512;SHA-1;MD5*;CRC32',
      ]),
    );
    expect(await answer('MLST a.txt')).toContain(' type=file;size=12; /a.txt');
    expect((await client.retrieve('MLSD')).data.toString()).toMatch(
      /^type=file;size=12; a\.txt\r$/m,
    );
    expect(await answer('OPTS HASH')).toBe('200 MD5');
    expect(await answer('OPTS MLST')).toBe('200 MLST OPTS');
    expect(await answer('MLST a.txt')).toContain('\n  /a.txt\n');
  });
});
