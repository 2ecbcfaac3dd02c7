import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

/** Names of the same length: one has a file, the other has nothing. */
const TAKEN = 'taken.bin';
const FREE = 'spare.bin';
const SECRET = 'what another client has sent';

let server: TestServer;
let client: ControlClient;

beforeEach(async () => {
  server = await TestServer.start();
  client = await server.signUp();
  await mkdir(home('in'));
  await writeFile(home(`in/${TAKEN}`), SECRET);
  await server.setAccess('anna', { rights: { '/': 'read-only', '/in': 'upload-only' } });
  await client.command('CWD in');
});
afterEach(() => server.dispose());

const home = (name = '') => join(server.rootDir, 'anna', name);
const linesOf = async (line: string) => (await client.command(line)).lines.join('\n');

/** Uploads in a drop box whose name is taken get another one. */
async function stored(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(home('in'))).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(home(`in/${name}`), 'utf8')));
  return Object.fromEntries(
    names.map((name, index) => [name.replace(/-[0-9a-f]{10}/, '-*'), texts[index] ?? '']),
  );
}

const DIGEST = '0'.repeat(64);

describe('a drop box answers the same for a name that is taken and one that is not', () => {
  test.each([
    ['SIZE NAME'],
    ['MDTM NAME'],
    ['MDTM 20200101000000 NAME'],
    ['MFMT 20200101000000 NAME'],
    ['MLST NAME'],
    ['STAT NAME'],
    ['STAT NA*'],
    ['CWD NAME'],
    ['CWD NAME/sub'],
    ['DELE NAME'],
    ['RMD NAME'],
    ['MKD NAME'],
    ['RNFR NAME'],
    ['HASH NAME'],
    ['XMD5 NAME'],
    ['XCRC NAME 0 1'],
    ['XSHA256 "NAME"'],
    ['AVBL NAME'],
    ['SITE CHMOD 600 NAME'],
    ['SITE UTIME 202001010000 NAME'],
    ['SITE XMD5 NAME'],
    ['SITE PARTIALS RECOVER x NAME'],
  ])('%s', async (command) => {
    const replies = [TAKEN, FREE].map(async (name) =>
      (await linesOf(command.replace('NAME', name))).replaceAll(name, 'NAME'),
    );
    const [taken, free] = await Promise.all(replies);
    expect(taken).toBe(free);
    expect(taken).toMatch(/^5/);
    expect(await stored()).toEqual({ [TAKEN]: SECRET });
  });

  test.each([['RETR NAME'], ['LIST NAME'], ['NLST NAME'], ['MLSD NAME'], ['NLST /in/NAME']])(
    '%s',
    async (command) => {
      const replies: unknown[] = [];
      for (const name of [TAKEN, FREE]) {
        const { opening } = await client.retrieve(command.replace('NAME', name));
        replies.push(opening.lines.join().replaceAll(name, 'NAME'));
      }
      expect(replies[0]).toBe(replies[1]);
      expect(replies[0]).toMatch(/^550 You may not/);
    },
  );

  test.each([
    ['STOR NAME', []],
    ['APPE NAME', []],
    ['STOR NAME', ['REST 3']],
    ['APPE NAME', ['REST 3']],
    ['STOR NAME', ['ALLO 3']],
    ['STOR NAME', ['ALLO 1000']],
    ['STOR NAME', [`SITE EXPECT SHA-256 ${DIGEST}`]],
    ['APPE NAME', [`SITE EXPECT SHA-256 ${DIGEST}`]],
    ['APPE NAME', ['OPTS RECEIPT ON']],
    ['STOR NAME', ['SITE MODIFIED 20200101000000']],
    ['STOR NAME/sub', []],
  ])('%s after %j', async (command, before) => {
    const replies: unknown[] = [];
    for (const name of [TAKEN, FREE]) {
      for (const line of before) await client.command(line);
      const { opening, closing } = await client.store(command.replace('NAME', name), 'abc');
      const lines = [...opening.lines, ...closing.lines].join('\n');
      replies.push(lines.replaceAll(name, 'NAME').replace(/receipt \d+/, 'receipt'));
    }
    expect(replies[0]).toBe(replies[1]);
    expect(await readFile(home(`in/${TAKEN}`), 'utf8')).toBe(SECRET);
  });

  test('also where the account can have no further file', async () => {
    await server.setEntryLimit('anna', 0);
    const replies: unknown[] = [];
    for (const name of [TAKEN, FREE]) {
      const { opening, closing } = await client.store(`STOR ${name}`, 'abc');
      replies.push([opening.lines, closing.lines]);
    }
    expect(replies[0]).toEqual(replies[1]);
    expect(replies[0]).toEqual([['552 Quota exceeded.'], ['552 Quota exceeded.']]);
  });
});

test('an upload is kept beside a file of its name, and nothing is overwritten', async () => {
  expect((await client.store(`STOR ${TAKEN}`, 'mine')).closing.lines).toEqual([
    '226 Transfer complete.',
  ]);
  await client.store('STOR mine.txt', 'first');
  await client.store('STOR mine.txt', 'second');
  await client.store('APPE mine.txt', 'third');
  const files = await stored();
  expect(Object.keys(files)).toEqual(['mine-*.txt', 'mine.txt', 'taken-*.bin', TAKEN]);
  expect(files['mine.txt']).toBe('first');
  expect((await readdir(home('in'))).length).toBe(5);
});

test('two uploads of one name that overlap are both kept', async () => {
  const other = await server.login();
  await other.command('CWD in');
  const data = await beginUpload(client, 'STOR both.bin', 'one');
  await other.store('STOR both.bin', 'two');
  data.end();
  expect((await client.reply()).code).toBe(226);
  const files = await stored();
  expect([files['both.bin'], files['both-*.bin']]).toEqual(['two', 'one']);
});

test('the account is charged for what is on the disk, whatever was taken', async () => {
  await client.store(`STOR ${TAKEN}`, 'mine');
  await client.store('STOR free.bin', 'mine');
  await server.setAccess('anna', {});
  // The file that was put there beside the server is not charged, nor is the directory.
  expect(await linesOf('SITE QUOTA')).toMatch(/^200 8 of \d+ bytes used .*; 2 files/);
});

describe('a cut upload into a drop box', () => {
  const cut = () => cutUpload(client, 'STOR cut.bin', 'first half, ');
  const bytes = 'first half, '.length;

  test('is resumed by REST and STOR, in another session', async () => {
    await cut();
    const later = await server.login();
    await later.command('CWD in');
    expect((await later.command('SIZE cut.bin')).lines).toEqual([`213 ${bytes}`]);
    await later.command(`REST ${bytes}`);
    await later.store('STOR cut.bin', 'second half');
    expect((await stored())['cut.bin']).toBe('first half, second half');
    expect((await later.command('SIZE cut.bin')).code).toBe(550);
  });

  test('is resumed by APPE', async () => {
    await cut();
    await client.store('APPE cut.bin', 'second half');
    expect((await stored())['cut.bin']).toBe('first half, second half');
  });

  test('cannot be read, listed, renamed, dropped or recovered', async () => {
    await cut();
    const { lines } = await client.command('SITE PARTIALS');
    expect(lines).toEqual(['213 No partial uploads.']);
    const asked = ['MLST', 'MDTM', 'HASH', 'RNFR', 'DELE'];
    for (const verb of asked) expect(await linesOf(`${verb} cut.bin`)).toMatch(/^550 You may not/);
    expect((await client.retrieve('RETR cut.bin')).opening.code).toBe(550);
    expect((await client.retrieve('MLSD /')).data.toString()).not.toContain('cut.bin');
  });

  test('does not show by its size that another client has used the name meanwhile', async () => {
    await cut();
    await writeFile(home('in/cut.bin'), SECRET);
    expect(await linesOf('SIZE cut.bin')).toBe(`213 ${bytes}`);
    await client.command(`REST ${bytes}`);
    await client.store('STOR cut.bin', 'second half');
    const files = await stored();
    expect([files['cut.bin'], files['cut-*.bin']]).toEqual([SECRET, 'first half, second half']);
  });

  test('keeps its place when it began under a name that was taken', async () => {
    await cutUpload(client, `STOR ${TAKEN}`, 'first half, ');
    await writeFile(home(`in/${TAKEN}`), 'other');
    expect(await linesOf(`SIZE ${TAKEN}`)).toBe(`213 ${bytes}`);
  });
});

test('numbers of the account tell nothing of other uploads', async () => {
  for (const line of ['SITE QUOTA', 'AVBL']) {
    expect(await linesOf(line)).toBe('550 You may not see how much space is used.');
  }
  await server.setQuota('anna', 10);
  expect(await linesOf('ALLO 1000')).toBe('200 Space is available.');
  const { closing } = await client.store('STOR big.bin', 'x'.repeat(100));
  expect(closing.lines).toEqual(['552 Quota exceeded.']);
});

test('the directory itself shows no trace of uploads', async () => {
  const seen = async () => [
    ...(await client.command('MLST /in')).lines,
    ...(await client.command('MDTM /in')).lines,
    (await client.retrieve('MLSD /')).data.toString().match(/.* in$/m)?.[0],
    (await client.retrieve('LIST /')).data.toString().match(/.* in$/m)?.[0],
  ];
  const before = await seen();
  await client.store('STOR new.bin', 'octets');
  expect(await seen()).toEqual(before);
  expect(before[1]).toContain('type=dir;modify=19700101000000;perm=ce;');
});

test('a link elsewhere does not lead into it', async () => {
  await symlink('in', home('door'));
  await symlink(`in/${TAKEN}`, home('peek'));
  await client.command('CWD /');
  for (const name of ['peek', 'nothing']) {
    expect(await linesOf(`SIZE ${name}`)).toBe(`550 /${name}: no such file or directory.`);
    expect(await linesOf(`MLST ${name}`)).toBe(`550 /${name}: no such file or directory.`);
    expect((await client.retrieve(`RETR ${name}`)).opening.code).toBe(550);
  }
  expect(await linesOf(`HASH door/${TAKEN}`)).toMatch(/^550 /);
  expect((await client.retrieve('LIST door')).opening.code).toBe(550);
  const { data } = await client.retrieve('MLSD');
  expect(data.toString()).not.toContain('peek');
});

test('anonymous users have a drop box, and each address its own uploads', async () => {
  await server.stop();
  const { directory } = server;
  server = await TestServer.start({ directory, settings: { anonymousAccount: 'anna' } });
  const anonymous = await server.connect();
  await anonymous.login('anonymous', 'guest');
  expect((await anonymous.store('STOR a.bin', 'x')).opening.code).toBe(550);
  await anonymous.command('CWD in');
  await cutUpload(anonymous, 'STOR cut.bin', 'first half, ');
  expect((await anonymous.command('SIZE cut.bin')).code).toBe(213);
  expect(await sizeFromElsewhere('/in/cut.bin')).toBe('550 You may not read files here.');
  await anonymous.command('REST 12');
  await anonymous.store('STOR cut.bin', 'second half');
  expect((await stored())['cut.bin']).toBe('first half, second half');
  expect((await anonymous.command('SITE PASSWD')).code).toBe(550);
  // Without a rule for all directories, anonymous users can only read what the account itself can change.
  await server.setAccess('anna', {});
  expect((await anonymous.store('STOR b.bin', 'x')).opening.code).toBe(550);
  expect((await anonymous.retrieve('RETR cut.bin')).closing.code).toBe(226);
  const anna = await server.login();
  expect((await anna.store('STOR b.bin', 'x')).closing.code).toBe(226);
});

/** The reply to an anonymous client of another address. */
function sizeFromElsewhere(path: string): Promise<string> {
  const lines = ['USER anonymous', 'PASS x', 'TYPE I', `SIZE ${path}`, 'QUIT'];
  const at = { port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' };
  const socket = connect(at, () => socket.write(`${lines.join('\r\n')}\r\n`));
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('close', () => resolve(text.split('\r\n')[4] ?? ''));
  return promise;
}
