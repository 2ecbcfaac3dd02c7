import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { Swapper } from './swapper.ts';

const SECRET = 'canary: nobody may read this';

const RACE_MS = 4000;

const TRANSFERS = [
  'RETR dir/canary',
  'RETR file',
  'LIST dir',
  'MLSD dir',
  'NLST dir',
  'LIST dir/*',
];
const UPLOADS = [
  'STOR dir/new',
  'STOR dir/canary',
  'STOR file',
  'APPE dir/canary',
  'APPE file',
  'STOU dir/x',
];
const COMMANDS = [
  ['DELE dir/canary'],
  ['DELE file'],
  ['MKD dir/made'],
  ['RMD dir/empty'],
  ['RNFR own', 'RNTO dir/moved'],
  ['RNFR dir/canary', 'RNTO stolen'],
  ['RNFR dir/moved', 'RNTO own'],
  ['SITE CHMOD 777 dir/canary'],
  ['SITE CHMOD 777 file'],
  ['MFMT 20000101000000 dir/canary'],
  ['MFMT 20000101000000 file'],
  ['SIZE dir/canary'],
  ['MLST dir/canary'],
  ['STAT dir'],
  ['XMD5 dir/canary'],
  ['CWD dir', 'STAT', 'CWD /'],
];

describe('symbolic links that lead out of a home', () => {
  let server: TestServer;
  let outside: string;
  let home: string;

  beforeAll(async () => {
    server = await TestServer.start();
    await (await server.signUp()).close();
    home = join(server.rootDir, 'anna');
    outside = join(server.directory, 'outside');
    await mkdir(join(outside, 'empty'), { recursive: true });
    await writeFile(join(outside, 'canary'), SECRET);
    await chmod(join(outside, 'canary'), 0o640);
    await utimes(join(outside, 'canary'), 1e9, 1e9);
    await mkdir(join(home, 'dir'));
    await writeFile(join(home, 'dir', 'canary'), 'a file of the client');
    await writeFile(join(home, 'file'), 'a file of the client');
    await writeFile(join(home, 'own'), 'a file of the client');
    await symlink(outside, join(home, 'dir-link'));
    await symlink(join(outside, 'canary'), join(home, 'file-link'));
  });
  afterAll(() => server.dispose());

  test('lead nowhere while they lie still', async () => {
    const client = await server.login();
    expect((await client.retrieve('RETR file-link')).closing.code).toBe(550);
    expect((await client.retrieve('RETR dir-link/canary')).closing.code).toBe(550);
    expect((await client.retrieve('LIST dir-link')).closing.code).toBe(550);
    expect((await client.store('STOR dir-link/new', 'x')).closing.code).toBe(550);
    expect((await client.store('STOR file-link', 'x')).closing.code).toBe(550);
    expect((await client.command('CWD dir-link')).code).toBe(550);
    expect((await client.command('DELE dir-link/canary')).code).toBe(550);
    await expectUntouched(outside);
  });

  test('lead nowhere while they are put in the place of files and directories', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => server.login()));
    const swapper = new Swapper([
      { place: join(home, 'dir'), link: join(home, 'dir-link'), spare: join(home, 'dir-spare') },
      { place: join(home, 'file'), link: join(home, 'file-link'), spare: join(home, 'file-spare') },
    ]);
    const texts: string[] = [];
    const endMs = Date.now() + RACE_MS;
    // The links must get in the way, and so must what they take the place of.
    const countOf = (code: string) => texts.filter((text) => text.startsWith(code)).length;
    const isOver = () => Date.now() > endMs && countOf('2') > 20 && countOf('550') > 20;
    await Promise.all(clients.map((client) => attack(client, { texts, isOver })));
    expect(await swapper.stop()).toBeGreaterThan(50);
    const leaked = texts.filter((text) => !text.startsWith('5') && /canary:|empty/.test(text));
    expect(leaked).toEqual([]);
    expect(texts.filter((text) => /^(451|5\d\d .*\/proc)/m.test(text))).toEqual([]);
    await expectUntouched(outside);
  });
});

interface Attack {
  /** Gets all that comes back. */
  readonly texts: string[];
  readonly isOver: () => boolean;
}

/** Does everything to the names that are exchanged. */
async function attack(client: ControlClient, { texts, isOver }: Attack): Promise<void> {
  for (let round = 0; !isOver(); round += 1) {
    const transfer = await client.retrieve(pick(TRANSFERS, round));
    texts.push(transfer.closing.lines.join('\n'), `data: ${transfer.data}`);
    const upload = await client.store(pick(UPLOADS, round), 'octets of the client');
    texts.push(upload.closing.lines.join('\n'));
    for (const command of pick(COMMANDS, round)) {
      texts.push((await client.command(command)).lines.join('\n'));
    }
  }
}

function pick<Item>(items: readonly Item[], round: number): Item {
  const item = items[round % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

async function expectUntouched(outside: string): Promise<void> {
  expect((await readdir(outside)).sort()).toEqual(['canary', 'empty']);
  expect(await readFile(join(outside, 'canary'), 'utf8')).toBe(SECRET);
  const { mode, mtimeMs } = await lstat(join(outside, 'canary'));
  expect(mode & 0o777).toBe(0o640);
  expect(mtimeMs).toBe(1e12);
}
