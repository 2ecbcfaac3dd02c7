import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InviteRepository } from '../../db/invite-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import { Invites } from '../accounts/invites.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';
const OTHER_PASSWORD = 'battery staple';

async function code(client: ControlClient, line: string): Promise<number> {
  return (await client.command(line)).code;
}

async function canLogIn(server: TestServer, username: string, password: string): Promise<boolean> {
  const client = await server.connect();
  await client.command(`USER ${username}`);
  return (await code(client, `PASS ${password}`)) === 230;
}

describe('SITE SIGNUP', () => {
  describe('where anybody may sign up', () => {
    let server: TestServer;

    beforeAll(async () => {
      server = await TestServer.start({ settings: { quotaBytes: 5000 } });
    });
    afterAll(() => server.dispose());

    test('331, then PASS makes the account and logs in', async () => {
      const client = await server.connect();
      expect(await code(client, 'SITE SIGNUP anna')).toBe(331);
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
      expect((await client.command('SITE QUOTA')).lines[0]).toMatch(/^200 0 of 5000 bytes/);
      expect((await stat(join(server.rootDir, 'anna'))).isDirectory()).toBe(true);
      expect(await canLogIn(server, 'anna', PASSWORD)).toBe(true);
      expect(await canLogIn(server, 'ANNA', PASSWORD)).toBe(true);
    });

    test.each(['anna', 'Anna', 'ANNA'])('a name that is taken is 550: %s', async (name) => {
      expect(await code(await server.connect(), `SITE SIGNUP ${name}`)).toBe(550);
    });

    test.each(['ab', 'a'.repeat(33), '.dot', '-dash', 'sl/ash', 'ümlaut', '..'])(
      'a name against the rules is 553: %s',
      async (name) => {
        expect(await code(await server.connect(), `SITE SIGNUP ${name}`)).toBe(553);
      },
    );

    test.each(['SITE SIGNUP', 'SITE SIGNUP a b c'])('%s is 501', async (line) => {
      expect(await code(await server.connect(), line)).toBe(501);
    });

    test('a password that is too short is 530, and makes nothing', async () => {
      const client = await server.connect();
      await client.command('SITE SIGNUP berta');
      expect(await code(client, 'PASS short')).toBe(530);
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
      expect(await code(client, 'SITE SIGNUP berta')).toBe(331);
    });

    test('NOOP may come before PASS: clients send it by themselves', async () => {
      const client = await server.connect();
      await client.command('SITE SIGNUP noop');
      await client.command('NOOP');
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
    });

    test.each(['USER somebody', 'REIN', 'SITE SIGNUP x'])('%s ends it', async (line) => {
      const client = await server.connect();
      await client.command('SITE SIGNUP carla');
      await client.command(line);
      expect(await code(client, `PASS ${PASSWORD}`)).not.toBe(230);
      expect(await canLogIn(server, 'carla', PASSWORD)).toBe(false);
    });

    test('of two who want the same name, one gets it', async () => {
      const clients = [await server.connect(), await server.connect()];
      for (const client of clients) expect(await code(client, 'SITE SIGNUP doris')).toBe(331);
      const codes = await Promise.all(clients.map((client) => code(client, `PASS ${PASSWORD}`)));
      expect(codes.sort()).toEqual([230, 550]);
    });
  });

  describe('with an invite', () => {
    let server: TestServer;
    let invite: string;

    beforeAll(async () => {
      server = await TestServer.start({ settings: { signup: 'invite' } });
      const database = openDatabase(join(server.settings.dataDir, 'myftp.db'));
      const invites = new Invites({
        invites: new InviteRepository(database.queries),
        now: Date.now,
      });
      invite = (await invites.create({ maxUses: 1, lifetimeMs: undefined })).code;
      await database.close();
    });
    afterAll(() => server.dispose());

    test('without one, or with a wrong one, it is 550', async () => {
      const client = await server.connect();
      expect(await code(client, 'SITE SIGNUP anna')).toBe(550);
      expect(await code(client, 'SITE SIGNUP anna WRONG-WRONG-WRONG-WRONG')).toBe(550);
    });

    test('an invite serves as often as it says', async () => {
      const client = await server.connect();
      expect(await code(client, `SITE SIGNUP anna ${invite}`)).toBe(331);
      expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
      expect(await code(await server.connect(), `SITE SIGNUP berta ${invite}`)).toBe(550);
    });
  });

  describe('where sign-up is off', () => {
    let server: TestServer;

    beforeAll(async () => {
      server = await TestServer.start({ settings: { signup: 'off' } });
    });
    afterAll(() => server.dispose());

    test('it is 550, and FEAT does not tell of it', async () => {
      const client = await server.connect();
      expect(await code(client, 'SITE SIGNUP anna')).toBe(550);
      const { lines } = await client.command('FEAT');
      expect(lines).toContain(' SITE QUOTA');
      expect(lines).not.toContain(' SITE SIGNUP');
    });
  });
});

describe('other SITE commands', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp('anna', PASSWORD);
    await client.store('STOR a file', 'hello');
    await client.command('MKD directory');
  });
  afterAll(() => server.dispose());

  const onDisk = (name: string) => stat(join(server.rootDir, 'anna', name));

  test('SITE PASSWD takes the old and then the new password', async () => {
    expect(await code(client, 'SITE PASSWD')).toBe(331);
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(331);
    expect(await code(client, `PASS ${OTHER_PASSWORD}`)).toBe(200);
    expect(await canLogIn(server, 'anna', PASSWORD)).toBe(false);
    expect(await canLogIn(server, 'anna', OTHER_PASSWORD)).toBe(true);
    expect(await code(client, 'PWD')).toBe(257);
  });

  test('a wrong old password, or a new one that is too short, is 530 and changes nothing', async () => {
    for (const [current, next] of [
      ['wrong', PASSWORD],
      [OTHER_PASSWORD, 'short'],
    ]) {
      await client.command('SITE PASSWD');
      await client.command(`PASS ${current}`);
      expect(await code(client, `PASS ${next}`)).toBe(530);
    }
    expect(await canLogIn(server, 'anna', OTHER_PASSWORD)).toBe(true);
  });

  test('SITE PASSWD is over when RNFR begins another pair', async () => {
    await client.command('SITE PASSWD');
    await client.command('NOOP');
    await client.command('RNFR nowhere');
    expect(await code(client, `PASS ${OTHER_PASSWORD}`)).toBe(202);
  });

  test.each(['600', '0644', '755'])('SITE CHMOD %s sets the permissions', async (mode) => {
    expect(await code(client, `SITE CHMOD ${mode} a file`)).toBe(200);
    expect((await onDisk('a file')).mode & 0o7777).toBe(Number.parseInt(mode, 8));
  });

  test.each([
    'CHMOD 888 a file',
    'CHMOD 4755 a file',
    'CHMOD rw a file',
    'CHMOD 644',
    'CHMOD 64 x',
  ])('SITE %s is 501', async (line) => {
    expect(await code(client, `SITE ${line}`)).toBe(501);
  });

  test('a directory can be changed, too', async () => {
    expect(await code(client, 'SITE CHMOD 700 directory')).toBe(200);
    expect((await onDisk('directory')).mode & 0o777).toBe(0o700);
  });

  test('SITE UTIME understands both forms', async () => {
    expect(await code(client, 'SITE UTIME 202402291234 a file')).toBe(200);
    expect((await onDisk('a file')).mtime.toISOString()).toBe('2024-02-29T12:34:00.000Z');
    const long = 'SITE UTIME a file 20200101000000 20210203040506 20200101000000 UTC';
    expect(await code(client, long)).toBe(200);
    expect((await onDisk('a file')).mtime.toISOString()).toBe('2021-02-03T04:05:06.000Z');
  });

  test.each(['UTIME 20240230123400 a file', 'UTIME x a file', 'UTIME 202402291234'])(
    'SITE %s is 501',
    async (line) => {
      expect(await code(client, `SITE ${line}`)).toBe(501);
    },
  );

  test.each(['CHMOD 644 nothing', 'UTIME 202402291234 nothing', 'XMD5 nothing'])(
    'SITE %s is 550',
    async (line) => {
      expect(await code(client, `SITE ${line}`)).toBe(550);
    },
  );

  test('SITE XMD5 is XMD5', async () => {
    expect(await client.command('SITE XMD5 a file')).toEqual(await client.command('XMD5 a file'));
  });

  test('an unknown SITE command is 501', async () => {
    expect(await code(client, 'SITE NOPE x')).toBe(501);
  });
});
