import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountCreation } from '../../db/account-row.ts';
import { NO_RULES } from '../disk/creation-rules.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

/** The name says why it is skipped elsewhere. */
function asRoot(name: string, work: () => Promise<void>): void {
  (process.geteuid?.() === 0 ? test : test.skip)(`${name} (needs root)`, work);
}
const LARGE = Buffer.alloc(1024 * 1024 + 1, 'x');

describe('modes and owner of what an account creates', () => {
  let server: TestServer;
  let client: ControlClient;
  let name = 'user-0';
  let users = 0;
  const umask = process.umask(0o077);

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(async () => {
    process.umask(umask);
    await server.dispose();
  });
  beforeEach(async () => {
    users += 1;
    name = `user-${users}`;
    client = await server.signUp(name);
  });
  afterEach(() => client.close());

  const home = (path = '') => join(server.rootDir, name, path);
  const text = async (line: string) => (await client.command(line)).lines.join('\n');

  /** `640 1000:1000` */
  async function facts(path: string): Promise<string> {
    const { mode, uid, gid } = await stat(home(path));
    return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
  }
  const modeOf = async (path: string) => (await facts(path)).split(' ')[0];

  async function logInWith(creation: Partial<AccountCreation>): Promise<void> {
    await server.withDatabase(async ({ accounts }) => {
      const { id = -1 } = (await accounts.findByUsername(name)) ?? {};
      await accounts.setCreation(id, { ...NO_RULES, ...creation });
    });
    await client.close();
    client = await server.login(name);
  }

  async function store(command: string, octets: string | Uint8Array = 'octets'): Promise<number> {
    return (await client.store(command, octets)).closing.code;
  }

  test('without settings follow the umask of the process', async () => {
    expect([await store('STOR a'), (await client.command('MKD d')).code]).toEqual([226, 257]);
    expect([await modeOf('a'), await modeOf('d')]).toEqual(['600', '700']);
  });

  test.each([
    ['a umask', { umask: 0o027 }, ['640', '750']],
    ['a umask that gives more than that of the process', { umask: 0o002 }, ['664', '775']],
    ['modes', { fileMode: 0o604, directoryMode: 0o2775 }, ['604', '2775']],
    ['modes and a umask', { umask: 0o027, fileMode: 0o666 }, ['666', '750']],
  ])('follow %s exactly', async (_, creation, expected) => {
    await logInWith(creation);
    await store('STOR a');
    await client.command('MKD d');
    await client.command('MKD d/e');
    await store('STOR d/e/large', LARGE);
    await store('APPE appended');
    const [, unique = ''] =
      /FILE: (\S+)/.exec((await client.store('STOU', 'x')).opening.lines[0] ?? '') ?? [];
    const [ofFile, ofDirectory] = expected;
    for (const file of ['a', 'd/e/large', 'appended', unique])
      expect(await modeOf(file)).toBe(ofFile);
    for (const directory of ['d', 'd/e']) expect(await modeOf(directory)).toBe(ofDirectory);
    const staged = await readdir(join(server.rootDir, STAGING_DIRECTORY), { recursive: true });
    expect(staged.filter((path) => path.includes('.directory'))).toEqual([]);
  });

  test('of a cut upload are those of its beginning, and of SITE CHMOD', async () => {
    await logInWith({ fileMode: 0o640 });
    for (const path of ['kept', 'changed']) await cutUpload(client, `STOR ${path}`, 'octets');
    await client.command('SITE CHMOD 600 changed');
    for (const path of ['kept', 'changed']) {
      expect(await text(`MLST ${path}`)).toContain('X.partial');
      await client.command('REST 3');
      expect(await store(`STOR ${path}`, 'more')).toBe(226);
    }
    expect([await modeOf('kept'), await modeOf('changed')]).toEqual(['640', '600']);
  });

  test.each(['STOR', 'APPE', 'REST'])('stay those of the file that %s changes', async (verb) => {
    await logInWith({ fileMode: 0o664 });
    for (const mode of ['600', '755', '444']) {
      await store('STOR f', 'octets');
      await client.command(`SITE CHMOD ${mode} f`);
      if (verb === 'REST') await client.command('REST 3');
      expect(await store(`${verb === 'REST' ? 'STOR' : verb} f`, 'more')).toBe(226);
      expect(await modeOf('f')).toBe(mode);
      await client.command('DELE f');
    }
  });

  test('stay those of the file without settings, too', async () => {
    await store('STOR secret');
    await client.command('SITE CHMOD 640 secret');
    await store('STOR secret', 'again');
    expect(await modeOf('secret')).toBe('640');
  });

  test('follow SITE CHMOD of the file that a running upload replaces', async () => {
    await store('STOR f');
    const data = await client.openData();
    await client.command('STOR f');
    const other = await server.login(name);
    expect((await other.command('SITE CHMOD 640 f')).lines).toEqual(['200 /f has mode 640.']);
    data.end('later');
    expect((await client.reply()).code).toBe(226);
    expect(await modeOf('f')).toBe('640');
  });

  test('stay with a file that is renamed, also over another', async () => {
    await logInWith({ fileMode: 0o640 });
    await store('STOR a');
    await writeFile(home('b'), 'other', { mode: 0o600 });
    await client.command('RNFR a');
    expect((await client.command('RNTO b')).code).toBe(250);
    expect(await modeOf('b')).toBe('640');
  });

  asRoot('take the group and the setgid bit of a directory', async () => {
    await mkdir(home('shared'));
    await chown(home('shared'), -1, 4713);
    await chmod(home('shared'), 0o2770);
    await store('STOR shared/plain');
    await logInWith({ fileMode: 0o640, directoryMode: 0o750 });
    await store('STOR shared/a');
    await client.command('MKD shared/d');
    await store('STOR shared/d/b');
    expect([await modeOf('shared/d'), await modeOf('shared/d/b')]).toEqual(['2750', '640']);
    for (const path of ['plain', 'a', 'd', 'd/b']) {
      expect((await stat(home(`shared/${path}`))).gid).toBe(4713);
    }
  });

  describe('with an owner', () => {
    const owner = { uid: 4711, gid: 4712 };

    async function writeForeign(path: string): Promise<void> {
      await writeFile(home(path), 'old');
      await chmod(home(path), 0o604);
      await chown(home(path), 4714, 4715);
    }

    asRoot('belong to it, files and directories', async () => {
      await logInWith({ owner, fileMode: 0o640, directoryMode: 0o750 });
      await store('STOR a');
      await client.command('MKD d');
      await cutUpload(client, 'STOR d/cut', 'octets');
      await client.command('REST 3');
      await store('STOR d/cut', 'more');
      for (const file of ['a', 'd/cut']) expect(await facts(file)).toBe('640 4711:4712');
      expect(await facts('d')).toBe('750 4711:4712');
    });

    asRoot('keep the group without one, and that of a setgid directory with one', async () => {
      await logInWith({ owner: { uid: 4711, gid: undefined } });
      await store('STOR a');
      expect(await facts('a')).toBe(`600 4711:${process.getegid?.()}`);
      await logInWith({ owner });
      await client.command('MKD d');
      await chown(home('d'), 4711, 4713);
      await chmod(home('d'), 0o2770);
      await store('STOR d/b');
      await client.command('MKD d/e');
      expect([await facts('d/b'), await facts('d/e')]).toEqual(['600 4711:4713', '2700 4711:4713']);
    });

    asRoot(
      'are given to it when an upload replaces a file, not when it is appended to',
      async () => {
        await writeForeign('a');
        await logInWith({ owner });
        await store('APPE a');
        expect(await facts('a')).toBe('604 4714:4715');
        await store('STOR a');
        expect(await facts('a')).toBe('604 4711:4712');
      },
    );

    asRoot('stay those of a replaced file without one', async () => {
      await writeForeign('a');
      await store('STOR a');
      expect(await facts('a')).toBe('604 4714:4715');
    });
  });

  describe('SITE UMASK', () => {
    test('shows what is in force', async () => {
      expect(await text('SITE UMASK')).toBe(
        '200 The umask is 077: new files have mode 600, new directories 700.',
      );
      await logInWith({ fileMode: 0o644, directoryMode: 0o2775 });
      expect(await text('SITE UMASK')).toBe('200 New files have mode 644, new directories 2775.');
    });

    test('sets it for the session', async () => {
      expect(await text('SITE UMASK 027')).toBe(
        '200 The umask is 027: new files have mode 640, new directories 750.',
      );
      await store('STOR a');
      await client.command('MKD d');
      expect([await modeOf('a'), await modeOf('d')]).toEqual(['640', '750']);
      await logInWith({});
      await store('STOR b');
      expect(await modeOf('b')).toBe('600');
    });

    test.each(['8', 'x', '1027', '777', '-1'])('refuses %s', async (argument) => {
      expect(await text(`SITE UMASK ${argument}`)).toMatch(/^501 /);
      expect(await text('SITE UMASK')).toContain('The umask is 077');
    });
  });
});
