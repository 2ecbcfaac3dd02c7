import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const PASSWORD = 'correct horse';

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());

function runWith(password: string, args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: password });
}

describe('on a server that shows a link as the directory that it leads to', () => {
  let server: TestServer;
  let home: string;

  beforeEach(async () => {
    server = await TestServer.start({ settings: { tls: 'off' } });
    await server.signUp('anna', PASSWORD);
    home = await server.makeHome('anna');
    await mkdir(join(home, 'tree/sub'), { recursive: true });
    await writeFile(join(home, 'tree/sub/file'), 'file');
    await symlink('..', join(home, 'tree/sub/up'));
  });
  afterEach(() => server.dispose());

  const run = (...args: readonly string[]) => runWith(PASSWORD, args);
  const url = (path: string) => `ftp://anna@127.0.0.1:${server.port}${path}`;

  test('a walk ends where it would come back', async () => {
    const got = await run('get', '-r', '--json', url('/tree'), 'got');
    expect(jsonLines(got).at(-1)).toMatchObject({ done: 1, skipped: 1, exitCode: 0 });
    const listed = await run('ls', '-r', url('/tree'));
    expect(listed.stdout.match(/file/g)).toHaveLength(1);
    const mirrored = await run('mirror', url('/tree'), 'got');
    expect(mirrored).toMatchObject({ code: 0, stderr: expect.stringContaining('1 unchanged') });
  });

  test('what a mirror deletes is counted, and a link itself deleted', async () => {
    await client.write('kept/other', 'x');
    await writeFile(join(home, 'outside'), 'x');
    await symlink('../../', join(home, 'tree/sub/far'));
    expect(await run('mirror', '--delete-all', 'kept', url('/tree'))).toMatchObject({ code: 0 });
    expect(await readdir(join(home, 'tree'))).toEqual(['other']);
    expect(await readdir(home)).toEqual(['outside', 'tree']);
  });
});

test('rm -r does not empty a directory through a link that the server keeps', async () => {
  const server = await FieldServer.start({
    answers: {
      DELE: (path, control) => refuseLink(path, (line) => control.say(line)),
      RMD: (path, control) => refuseLink(path, (line) => control.say(line)),
    },
    list: (entries) =>
      entries.map(({ name }) => `lrwxrwxrwx 1 a a 3 Mar 02 14:11 ${name} -> dir\r\n`).join(''),
  });
  try {
    server.tree.put('/link/file', 'file');
    const outcome = await runWith('secret', ['rm', '-r', server.url('/link')]);
    expect(outcome).toMatchObject({ code: 5 });
    expect(server.tree.text('/link/file')).toBe('file');
  } finally {
    await server.close();
  }
});

test('rm -r does not empty a directory whose path the server tells to be another', async () => {
  const server = await FieldServer.start({
    answers: {
      DELE: (path, control) => refuseLink(path, (line) => control.say(line)),
      RMD: (path, control) => refuseLink(path, (line) => control.say(line)),
      PWD: (_, control) => {
        const isInLink = server.lines.findLast((line) => line.startsWith('CWD')) === 'CWD /link';
        control.say(`257 "${isInLink ? '/elsewhere' : '/'}"`);
        return true;
      },
    },
  });
  try {
    server.tree.put('/link/file', 'file');
    const outcome = await runWith('secret', ['rm', '-r', server.url('/link')]);
    expect(outcome).toMatchObject({ code: 5, stderr: expect.stringContaining('is a link') });
    expect(server.tree.text('/link/file')).toBe('file');
  } finally {
    await server.close();
  }
});

function refuseLink(path: string, say: (line: string) => void): true | undefined {
  if (path !== '/link') return undefined;
  say('550 Permission denied.');
  return true;
}
