import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const DAY = new Date('2024-02-29T12:34:56Z');

describe('listings and facts', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await mkdir(onDisk('pub/empty'), { recursive: true });
    for (const name of ['pub/a.txt', 'pub/b.txt', 'pub/c.dat', 'pub/.hidden', 'with blank']) {
      await writeFile(onDisk(name), 'hello');
      await utimes(onDisk(name), DAY, DAY);
    }
    await symlink('a.txt', onDisk('pub/link'));
    await symlink('/etc/passwd', onDisk('pub/escape'));
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => join(server.rootDir, 'anna', name);
  const code = async (line: string) => (await client.command(line)).code;

  async function listed(line: string): Promise<string[]> {
    const { opening, closing, data } = await client.retrieve(line);
    expect([opening.code, closing.code]).toEqual([150, 226]);
    return data.toString().split('\r\n').slice(0, -1).sort();
  }

  describe('LIST', () => {
    test('shows files as `ls -l` does', async () => {
      const lines = await listed('LIST pub');
      expect(lines).toContainEqual(
        expect.stringMatching(/^-rw-[-rw]{6} +1 \S+ +\S+ +5 Feb 29 {2}2024 a\.txt$/),
      );
      expect(lines).toContainEqual(expect.stringMatching(/^d.* empty$/));
      expect(lines.join('\n')).not.toContain('.hidden');
    });

    test.each(['LIST -la pub', 'LIST -a pub', 'LIST -l -a pub', 'LIST -A pub'])(
      '%s shows dotfiles, too',
      async (line) => {
        expect((await listed(line)).join('\n')).toMatch(/\.hidden$/m);
      },
    );

    test('without an argument lists the working directory', async () => {
      await client.command('CWD pub');
      expect(await listed('LIST')).toEqual(await listed('LIST /pub'));
      expect(await listed('LIST -l')).toEqual(await listed('LIST .'));
      await client.command('CWD /');
    });

    test('of a file shows that', async () => {
      expect(await listed('LIST pub/a.txt')).toEqual([expect.stringMatching(/ a\.txt$/)]);
      expect(await listed('LIST with blank')).toEqual([expect.stringMatching(/ with blank$/)]);
    });

    test('of a pattern shows what fits', async () => {
      expect(await listed('LIST pub/*.txt')).toEqual([
        expect.stringMatching(/ a\.txt$/),
        expect.stringMatching(/ b\.txt$/),
      ]);
    });

    test('of an empty directory is empty', async () => {
      expect(await listed('LIST pub/empty')).toEqual([]);
    });
  });

  describe('NLST', () => {
    test('tells names that RETR takes, from where the client is', async () => {
      const names = await listed('NLST pub');
      expect(names).toEqual(expect.arrayContaining(['pub/a.txt', 'pub/b.txt', 'pub/c.dat']));
      expect((await client.retrieve(`RETR ${names[0]}`)).closing.code).toBe(226);
      expect(await listed('NLST pub/*.dat')).toEqual(['pub/c.dat']);
      expect(await listed('NLST pub/a.txt')).toEqual(['pub/a.txt']);
    });

    test('of nothing that fits is empty', async () => {
      expect(await listed('NLST *.nope')).toEqual([]);
    });
  });

  describe('patterns and flags', () => {
    beforeAll(async () => {
      for (const directory of [
        'glob/one/deep',
        'glob/two',
        'glob/.dots',
        'glob/[x] dir',
        'glob/*',
      ]) {
        await mkdir(onDisk(directory), { recursive: true });
      }
      for (const name of [
        ...['.htaccess', '.htpasswd', 'a.txt', 'b.dat', '*.txt', '[a].txt', '-', '-2024 photos'],
        ...['one/1.txt', 'one/deep/d.txt', 'two/2.txt', 'two/2.dat', '.dots/h.txt'],
        ...['[x] dir/i.txt', '*/s.txt', '-l x'],
      ]) {
        await writeFile(onDisk(`glob/${name}`), '');
      }
      await client.command('CWD glob');
    });
    afterAll(() => client.command('CWD /'));

    /** Names alone, of each form of a listing. */
    async function names(argument: string): Promise<string[][]> {
      const status = (await client.command(`STAT ${argument}`)).lines.slice(1, -1);
      const lines = [await listed(`LIST ${argument}`), status];
      const [list = [], stat = []] = lines.map((one) =>
        one.map((line) => line.replace(/^.* \d\d:\d\d /, '')),
      );
      return [await listed(`NLST ${argument}`), list.sort(), stat.sort()];
    }

    test.each([
      ['.ht*', ['.htaccess', '.htpasswd']],
      ['.*', ['.dots', '.htaccess', '.htpasswd']],
      ['*.dat', ['b.dat']],
      ['-a *ht*', ['.htaccess', '.htpasswd']],
      ['*ht*', []],
      // A file of that very name does not hide the others.
      ['*.txt', ['*.txt', '[a].txt', 'a.txt']],
      ['[a].txt', ['[a].txt']],
      ['[ab].*', ['a.txt', 'b.dat']],
      ['-2024 photos', ['-2024 photos']],
      ['-2024*', ['-2024 photos']],
      ['-', ['-']],
      ['-- -', ['-']],
      ['-l x', ['-l x']],
      ['-l a.txt', ['a.txt']],
      // Patterns in directories.
      ['*o*/*.txt', ['one/1.txt', 'two/2.txt']],
      ['t*/2.*', ['two/2.dat', 'two/2.txt']],
      ['./one/*/*.txt', ['./one/deep/d.txt']],
      ['/gl*/t*/*.dat', ['/glob/two/2.dat']],
      ['../glob/t??/*.dat', ['../glob/two/2.dat']],
      ['o*/nothing*', []],
      ['nothing*/*.txt', []],
      ['.d*/*', ['.dots/h.txt']],
      ['t*/2.txt', ['two/2.txt']],
      // A directory of that very name is meant alone.
      ['[x] dir/*', ['[x] dir/i.txt']],
      ['*/*.txt', ['*/s.txt']],
    ])('%s', async (argument, expected) => {
      const [nlst, list, stat] = await names(argument);
      expect(nlst).toEqual(expected.sort());
      // LIST and STAT show the directory only where a pattern leads to several.
      const shown = /[*?[].*\//.test(argument)
        ? expected
        : expected.map((name) => name.slice(name.lastIndexOf('/') + 1));
      expect(list).toEqual(shown);
      expect(stat).toEqual(shown);
    });

    test.each([
      ['nowhere/*.txt', 550],
      ['-l nowhere', 550],
      ['- x', 550],
      ['-x', 150],
      ['--', 150],
    ])('%s is %i', async (argument, code) => {
      expect((await client.retrieve(`LIST ${argument}`)).opening.code).toBe(code);
      expect((await client.retrieve(`NLST ${argument}`)).opening.code).toBe(code);
    });

    test('a pattern that leads to very many directories is 550', async () => {
      await client.command('MKD many');
      for (let index = 0; index <= 1000; index += 1) await mkdir(onDisk(`glob/many/${index}`));
      expect((await client.retrieve('NLST many/*/x*')).opening.code).toBe(550);
      await rm(onDisk('glob/many'), { recursive: true });
    });
  });

  describe('MLSD and MLST', () => {
    test('tell facts that programs read', async () => {
      expect(await listed('MLSD pub')).toContainEqual(
        expect.stringMatching(
          /^type=file;size=5;modify=20240229123456;perm=\w+;unique=[^;]+;UNIX\.mode=0\d{3}; a\.txt$/,
        ),
      );
      const { code: facts, lines } = await client.command('MLST pub/a.txt');
      expect(facts).toBe(250);
      expect(lines[1]).toMatch(/^ type=file;size=5;modify=20240229123456;.* \/pub\/a\.txt$/);
    });

    test('MLST without an argument is about the working directory', async () => {
      expect((await client.command('MLST')).lines[1]).toMatch(/type=dir;.* \/$/);
    });

    test('links that lead outside are not followed', async () => {
      expect(await code('MLST pub/link')).toBe(250);
      expect(await code('MLST pub/escape')).toBe(550);
    });

    test('MLSD of a file is 501 (RFC 3659 §7)', async () => {
      expect((await client.retrieve('MLSD pub/a.txt')).opening.code).toBe(501);
      expect((await client.retrieve('MLSD pub/nothing')).opening.code).toBe(550);
    });

    test('without the fact `type` there is no entry of the directory itself (RFC 3659 §7.5.1.2)', async () => {
      for (const [facts, hasDirectory] of [
        ['size;modify;', false],
        ['', false],
        ['type;', true],
        ['modify;type;', true],
      ] as const) {
        await client.command(`OPTS MLST ${facts}`.trimEnd());
        const lines = await listed('MLSD pub/empty');
        expect(lines).toHaveLength(hasDirectory ? 1 : 0);
        expect(await listed('MLSD pub')).toHaveLength(hasDirectory ? 7 : 6);
      }
      await client.command('OPTS MLST type;size;modify;perm;unique;UNIX.mode;X.partial;');
    });
  });

  test.each(['LIST nowhere', 'NLST nowhere', 'MLSD nowhere', 'LIST ../../nowhere', 'MLSD pub/*'])(
    '%s is 550, before 150',
    async (line) => {
      expect((await client.retrieve(line)).opening.code).toBe(550);
    },
  );

  describe('STAT', () => {
    test('with a pathname is a listing over the control connection', async () => {
      const { code: status, lines } = await client.command('STAT pub');
      expect(status).toBe(213);
      expect(lines[0]).toBe('213-Status of /pub:');
      expect(lines.join('\n')).toContain(' a.txt\n');
      expect((await client.command('STAT -a pub')).lines.join('\n')).toContain('.hidden');
      expect(await code('STAT nowhere')).toBe(550);
    });

    test('without one tells about the session', async () => {
      const { code: status, lines } = await client.command('STAT');
      expect(status).toBe(211);
      expect(lines.join('\n')).toMatch(
        /Logged in as anna.*\n.*TYPE I.*\n No transfer is running\./,
      );
    });
  });

  describe('SIZE and MDTM', () => {
    test('tell size and time, in UTC', async () => {
      expect((await client.command('SIZE pub/a.txt')).lines).toEqual(['213 5']);
      expect((await client.command('MDTM pub/a.txt')).lines).toEqual(['213 20240229123456']);
      expect((await client.command('SIZE pub/link')).lines).toEqual(['213 5']);
    });

    test.each(['SIZE nothing', 'SIZE pub', 'MDTM nothing', 'SIZE pub/escape', 'MDTM pub/escape'])(
      '%s is 550',
      async (line) => {
        expect(await code(line)).toBe(550);
      },
    );

    test('MFMT sets the time', async () => {
      const answer = await client.command('MFMT 20200102030405 with blank');
      expect(answer.lines).toEqual(['213 Modify=20200102030405; /with blank']);
      expect((await client.command('MDTM with blank')).lines).toEqual(['213 20200102030405']);
    });

    test('MDTM with a time sets it, unless a file has such a name', async () => {
      expect(await code('MDTM 20210102030405 with blank')).toBe(213);
      expect((await client.command('MDTM with blank')).lines).toEqual(['213 20210102030405']);
      await client.store('STOR 20220102030405 with blank', 'x');
      await client.command('MDTM 20220102030405 with blank');
      expect((await client.command('MDTM with blank')).lines).toEqual(['213 20210102030405']);
    });

    test.each(['MFMT x with blank', 'MFMT 20200230000000 with blank', 'MFMT 20200102030405'])(
      '%s is 501',
      async (line) => {
        expect(await code(line)).toBe(501);
      },
    );

    test('MFMT of nothing is 550', async () => {
      expect(await code('MFMT 20200102030405 nothing')).toBe(550);
    });
  });
});
