import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';
import { commands, commandTable } from './command-table.ts';

const OPEN_BEFORE_LOGIN = [
  ...['ACCT', 'AUTH', 'CCC', 'CLNT', 'FEAT', 'HELP', 'HOST', 'MODE', 'NOOP', 'OPTS', 'PASS'],
  ...['PBSZ', 'PROT', 'QUIT', 'REIN', 'SITE', 'STRU', 'SYST', 'TYPE', 'USER'],
];

/** Every verb of the design, under all of its names. */
const VERBS = [
  ...OPEN_BEFORE_LOGIN,
  ...['ABOR', 'ALLO', 'APPE', 'AVBL', 'CDUP', 'CWD', 'DELE', 'EPRT', 'EPSV', 'HASH', 'LIST'],
  ...['MDTM', 'MFMT', 'MKD', 'MLSD', 'MLST', 'NLST', 'PASV', 'PORT', 'PWD', 'RANG', 'REST'],
  ...['RETR', 'RMD', 'RNFR', 'RNTO', 'SIZE', 'SMNT', 'STAT', 'STOR', 'STOU', 'XCRC', 'XCUP'],
  ...['XCWD', 'XMD5', 'XMKD', 'XPWD', 'XRMD', 'XSHA1', 'XSHA256', 'XSHA512'],
];

/** The commands of SITE, without HELP. */
const SITE_COMMANDS = [...(commandTable.get('SITE')?.subcommands?.values() ?? [])].filter(
  ({ verb }) => verb !== 'HELP',
);

/** What comes before login is tested where it is: these would end the conversation. */
const isHarmless = (verb: string) => !['QUIT', 'REIN', 'USER', 'PASS', 'ACCT'].includes(verb);

describe('the command table', () => {
  let server: TestServer;
  let stranger: ControlClient;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    stranger = await server.connect();
    client = await server.signUp();
  });
  afterAll(() => server.dispose());

  test('knows exactly the verbs of the design', () => {
    expect([...commandTable.keys()].sort()).toEqual([...VERBS].sort());
  });

  describe('docs/protocol-support.md', () => {
    let firstCells: readonly string[] = [];

    beforeAll(async () => {
      const url = new URL('../../docs/protocol-support.md', import.meta.url);
      firstCells = (await readFile(url, 'utf8')).match(/^\| [^|]+/gm) ?? [];
    });

    test.each(VERBS)('says what %s does', (verb) => {
      expect(firstCells.join(' ').match(/\b[A-Z0-9]+\b/g)).toContain(verb);
    });

    test.each(SITE_COMMANDS.map(({ verb }) => verb))('says what SITE %s does', (verb) => {
      expect(firstCells.join(' ')).toMatch(new RegExp(`\\| SITE ${verb}\\b`));
    });
  });

  test('exactly these verbs are open before login', async () => {
    const open: string[] = [];
    for (const verb of VERBS.filter((one) => one !== 'QUIT')) {
      const { code, lines } = await stranger.command(`${verb} x`);
      if (code !== 530 || !lines[0]?.startsWith('530 Please log in')) open.push(verb);
      if (verb === 'SITE') expect(code).toBe(501);
    }
    expect([...open, 'QUIT'].sort()).toEqual([...OPEN_BEFORE_LOGIN].sort());
  });

  test('of SITE, only HELP and SIGNUP are', async () => {
    for (const { verb } of SITE_COMMANDS) {
      expect((await stranger.command(`SITE ${verb}`)).code).toBe(verb === 'SIGNUP' ? 501 : 530);
    }
    expect((await stranger.command('SITE HELP')).code).toBe(214);
  });

  test.each(
    commands
      .filter(({ argument, verb }) => argument === 'required' && isHarmless(verb))
      .map(({ verb, syntax }) => [verb, syntax] as const),
  )('%s without an argument is 501', async (verb, syntax) => {
    for (const line of [verb, `${verb} `]) {
      const { code, lines } = await client.command(line);
      expect(code).toBe(501);
      expect(lines[0]).toContain(syntax);
    }
  });

  test.each(
    commands
      .filter(({ argument, verb }) => argument === 'none' && isHarmless(verb))
      .map(({ verb }) => [verb]),
  )('%s with an argument is 501', async (verb) => {
    expect((await client.command(`${verb} x`)).code).toBe(501);
  });

  test('QUIT and REIN with an argument are 501 and end nothing', async () => {
    expect((await client.command('QUIT now')).code).toBe(501);
    expect((await client.command('REIN x')).code).toBe(501);
    expect((await client.command('PWD')).code).toBe(257);
  });

  test.each(
    SITE_COMMANDS.filter(({ argument }) => argument !== 'optional').map(({ verb, argument }) =>
      argument === 'none' ? `SITE ${verb} x` : `SITE ${verb}`,
    ),
  )('%s is 501', async (line) => {
    expect((await client.command(line)).code).toBe(501);
  });

  test.each([
    ['REST 0', 350],
    ['MODE S', 200],
    ['STRU F', 200],
    ['STRU R', 504],
    ['TYPE I', 200],
    ['ALLO 5', 200],
    ['ALLO 5 R 10', 200],
    ['RANG 1 0', 350],
    ['OPTS UTF8 ON', 200],
    ['EPSV 1', 229],
    ['EPSV', 229],
    ['PASV', 227],
    ['EPRT |1|127.0.0.1|5000|', 200],
    ['PORT 127,0,0,1,19,136', 200],
    ['HELP STOR', 214],
    ['HELP', 214],
    ['HOST localhost', 503],
    ['PBSZ 0', 502],
    ['SITE HELP', 214],
    ['SITE QUOTA', 200],
    ['SITE EXPECT CRC32 01234567 10', 200],
    ['SITE MODIFIED 20240101000000', 200],
    ['NOOP', 200],
  ])('blanks around a number or a code mean nothing: %s', async (line, code) => {
    const [verb = '', ...words] = line.split(' ');
    const argument = words.join(' ');
    for (const blanks of ['', ' ', '   ']) {
      expect((await client.command(`${verb} ${blanks}${argument}${blanks}`)).code).toBe(code);
    }
  });

  test.each([
    ['MFMT  20240101000000 blanks', 213],
    ['SITE  CHMOD  644 blanks', 200],
    ['SITE UTIME  202401010000 blanks', 200],
    ['XCRC blanks 0  3 ', 250],
    ['MFMT 20240101000000  blanks', 550],
    ['SIZE blanks ', 550],
  ])('those before a number, too, but those around a name belong to it: %s', async (line, code) => {
    await client.store('STOR blanks', 'hello');
    expect((await client.command(line)).code).toBe(code);
  });

  test('a verb is known however it is written', async () => {
    expect((await client.command('nOoP')).code).toBe(200);
  });

  test.each(['NOPE', 'XLST', ' ', ' NOOP', 'N\u00d6OP', '-la'])(
    'a command that is none is 500: %j',
    async (line) => {
      expect((await client.command(line)).code).toBe(500);
    },
  );

  test('empty lines cost no reply', async () => {
    client.send('\r\n\nNOOP\n\r\n\r\nPWD\r\n\r\n');
    expect((await client.reply()).code).toBe(200);
    expect((await client.reply()).code).toBe(257);
    expect((await client.command('SYST')).code).toBe(215);
  });

  test('an argument that is not UTF-8, or holds NUL or CR, is 501', async () => {
    for (const octets of ['SIZE gr\xfc\xdfe', 'SIZE a\0b', 'SIZE a\rb']) {
      client.send(Buffer.from(`${octets}\r\n`, 'latin1'));
      expect((await client.reply()).code).toBe(501);
    }
  });

  test.each([
    ['STRU R', 504],
    ['STRU P', 504],
    ['STRU X', 501],
    ['STRU f', 200],
    ['MODE B', 200],
    ['MODE C', 504],
    ['MODE X', 501],
    ['MODE S', 200],
    ['TYPE E', 504],
    ['TYPE A T', 504],
    ['TYPE A C', 504],
    ['TYPE L 36', 504],
    ['TYPE X', 501],
    ['TYPE A N', 200],
    ['TYPE L 8', 200],
    ['TYPE i', 200],
    ['OPTS UTF8 OFF', 504],
    ['OPTS UTF8 ON', 200],
    ['OPTS UTF8', 200],
    ['OPTS NOPE', 501],
    ['OPTS HASH MD4', 504],
    ['OPTS RECEIPT MAYBE', 501],
    ['OPTS RECEIPT ON now', 501],
    ['OPTS RECEIPT', 200],
    ['SMNT /mnt', 502],
    ['AUTH TLS', 502],
    ['PBSZ 0', 502],
    ['PROT P', 502],
    ['CCC', 502],
    ['ACCT x', 202],
    ['CLNT a client', 200],
    ['SYST', 215],
    ['NOOP', 200],
    ['ABOR', 226],
  ])('%s is %i', async (line, code) => {
    expect((await client.command(line)).code).toBe(code);
  });

  describe('HELP', () => {
    test('lists every verb of the table', async () => {
      const { code, lines } = await stranger.command('HELP');
      expect(code).toBe(214);
      const listed = lines.slice(1, -1).join(' ').trim().split(/\s+/);
      expect(listed.sort()).toEqual(commands.map(({ verb }) => verb).sort());
    });

    test.each(commands.map(({ verb, syntax }) => [verb, syntax] as const))(
      'tells the syntax of %s',
      async (verb, syntax) => {
        const { code, lines } = await stranger.command(`HELP ${verb.toLowerCase()}`);
        expect([code, lines[0]?.startsWith(`214 ${syntax} - `)]).toEqual([214, true]);
      },
    );

    test('of an older name is the help of the verb', async () => {
      const { lines } = await stranger.command('HELP XCWD');
      expect(lines[0]).toContain('CWD [<SP> pathname]');
    });

    test('of what is no verb is 501', async () => {
      expect((await stranger.command('HELP NOPE')).code).toBe(501);
    });

    test('SITE HELP lists what SITE can do', async () => {
      const { code, lines } = await stranger.command('SITE HELP');
      expect(code).toBe(214);
      const listed = lines.slice(1, -1).join(' ').trim().split(/\s+/);
      expect(listed).toEqual(SITE_COMMANDS.map(({ verb }) => verb).sort());
      expect(lines.at(-1)).toBe('214 Send SITE HELP <command> for details.');
    });

    test.each(SITE_COMMANDS.map(({ verb, syntax, summary }) => [verb, syntax, summary] as const))(
      'SITE HELP %s tells its syntax',
      async (verb, syntax, summary) => {
        expect(syntax).toMatch(new RegExp(`^SITE ${verb}\\b`));
        const { lines } = await stranger.command(`SITE HELP ${verb.toLowerCase()}`);
        expect(lines).toEqual([`214 ${syntax} - ${summary}`]);
      },
    );

    test('SITE HELP of what is no command is 501', async () => {
      expect((await stranger.command('SITE HELP NOPE')).code).toBe(501);
    });
  });
});
