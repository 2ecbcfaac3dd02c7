import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServerKind } from '../../bench/harness/server-kind.ts';
import { proftpd } from '../../bench/peers/proftpd.ts';
import { pureFtpd } from '../../bench/peers/pure-ftpd.ts';
import { vsftpd } from '../../bench/peers/vsftpd.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const NOTE = 'The server does not show the file; its size could not be compared.';

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  await client.write('notes.txt', 'hello');
});
afterAll(() => client?.dispose());

type Answers = NonNullable<Mood['answers']>;

const refuse =
  (reply: string): Answers[string] =>
  (_, control) => {
    control.say(reply);
    return true;
  };

const isInBox = (path: string) => path.startsWith('/box');

/** Files can be put into `/box`. */
const boxes: Readonly<Record<string, Mood>> = {
  'that shows nothing': {
    answers: {
      SIZE: (path, control) => {
        if (!isInBox(path)) return undefined;
        control.say('550 No such file.');
        return true;
      },
    },
    list: () => '',
  },
  'whose listing and sizes are refused': {
    answers: { SIZE: refuse('550 Permission denied.'), LIST: refuse('550 Permission denied.') },
  },
};

describe('put into a drop box', () => {
  let server: FieldServer;

  afterEach(() => server?.close());

  async function start(mood: Mood): Promise<void> {
    server = await FieldServer.start(mood);
    server.tree.makeDirectory('/box');
  }

  function run(...args: readonly string[]): Promise<Outcome> {
    return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
  }

  test.each(Object.entries(boxes))('%s is done, with a note', async (_, mood) => {
    await start(mood);
    const outcome = await run('put', 'notes.txt', server.url('/box/'));
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining(NOTE) });
    expect(server.tree.text('/box/notes.txt')).toBe('hello');
  });

  test('tells programs that nothing was compared', async () => {
    await start(boxes['that shows nothing'] ?? {});
    const outcome = await run('put', '--json', 'notes.txt', server.url('/box/'));
    const file = jsonLines(outcome).find(({ type }) => type === 'file');
    expect(file).toMatchObject({ state: 'done', verified: 'not-shown', note: NOTE });
    expect(jsonLines(outcome).at(-1)).toMatchObject({ done: 1, failed: 0, unverified: 1 });
  });

  test('replaces nothing whose size the server tells', async () => {
    await start({ answers: { LIST: refuse('550 Permission denied.') } });
    server.tree.put('/box/notes.txt', 'of another');
    const outcome = await run('put', 'notes.txt', server.url('/box/'));
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('exists') });
    expect(server.tree.text('/box/notes.txt')).toBe('of another');
  });

  test('fails where the directory shows other files, and not this one', async () => {
    await start({
      answers: { SIZE: refuse('550 No such file.') },
      list: () => '-rw-r--r-- 1 a a 1 Mar 02 14:11 other\r\n',
    });
    const outcome = await run('put', 'notes.txt', server.url('/box/'));
    expect(outcome).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('/box/notes.txt: the server does not have it'),
    });
  });
});

test('a mirror deletes nothing where the server does not show what was sent', async () => {
  let isBlind = false;
  const server = await FieldServer.start({
    list: (entries) =>
      isBlind
        ? ''
        : entries.map(({ name }) => `-rw-r--r-- 1 a a 1 Mar 02 14:11 ${name}\r\n`).join(''),
    answers: {
      STOR: (_path, _control) => {
        isBlind = true;
        return undefined;
      },
      SIZE: (_, control) => {
        if (!isBlind) return undefined;
        control.say('550 No such file.');
        return true;
      },
    },
  });
  try {
    server.tree.put('/site/extra', 'extra');
    await client.write('site/new.txt', 'new');
    const args = ['mirror', '--delete-all', 'site', server.url('/site')];
    const outcome = await client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was deleted: the server does not show 1 file'),
    });
    expect(server.tree.text('/site/extra')).toBe('extra');
  } finally {
    await server.close();
  }
});

for (const kind of [vsftpd, pureFtpd, proftpd]) await withPeer(kind);

async function withPeer(kind: ServerKind): Promise<void> {
  const title = `files go into a drop box of ${kind.name}`;
  const installation = await kind.find();
  if ('missing' in installation) {
    test.skip(`${title}: ${installation.missing}`, () => {});
    return;
  }
  const { programPath } = installation;
  test(title, async () => {
    const server = await PeerServer.start(kind, { programPath, security: 'clear' });
    try {
      const box = join(server.rootPath, WRITABLE, 'box');
      await mkdir(box);
      await chmod(box, 0o333);
      const url = `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}/box/`;
      const args = ['put', 'notes.txt', url, '--plain', '--password-stdin'];
      const outcome = await client.run(args, { input: server.password });
      expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('done') });
      expect(await readFile(join(box, 'notes.txt'), 'utf8')).toBe('hello');
      const again = await client.run(args, { input: server.password });
      expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('exists') });
    } finally {
      await server.stop();
    }
  });
}
