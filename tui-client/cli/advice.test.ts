import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const NAMES = Array.from({ length: 40 }, (_, index) => `file-${index}`);

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  for (const name of NAMES) await client.write(`tree/${name}`, name);
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

async function refusing(verb: string, reply: string): Promise<void> {
  server = await FieldServer.start({
    answers: {
      [verb]: (_, control) => {
        control.say(reply);
        return true;
      },
    },
  });
}

function run(...args: readonly string[]) {
  return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
}

const count = (text: string, part: string) => text.split(part).length - 1;

describe('failures of one kind have a line each, and the advice once:', () => {
  test('files that may not be written', async () => {
    await refusing('STOR', '550 Permission denied.');
    const { code, stderr } = await run('put', '-r', 'tree', server.url('/'));
    expect(code).toBe(5);
    expect(count(stderr, ': 550 Permission denied.')).toBe(40);
    expect(count(stderr, 'Check the permissions')).toBe(1);
    expect(stderr).toMatch(
      /40 failures: Check the permissions.*\n.*0 files done.*; 40 failed\.\n$/,
    );
  });

  test('targets that exist', async () => {
    server = await FieldServer.start();
    for (const name of NAMES) server.tree.put(`/tree/${name}`, 'theirs');
    const outcome = await run('put', '-r', '--json', 'tree', server.url('/'));
    expect(count(outcome.stderr, 'already exists.')).toBe(40);
    expect(count(outcome.stderr, '--keep-both')).toBe(1);
    expect(jsonLines(outcome).at(-1)).toMatchObject({
      type: 'summary',
      advice: [expect.stringContaining('--resume')],
    });
  });

  test('no space, after which nothing more is sent', async () => {
    await refusing('STOR', '552 Quota exceeded.');
    const { code, stderr } = await run('put', '-r', 'tree', server.url('/'));
    expect(code).toBe(6);
    expect(count(stderr, 'No space is left')).toBe(1);
  });

  test('files that may not be deleted', async () => {
    await refusing('DELE', '550 Permission denied.');
    for (const name of NAMES) server.tree.put(`/${name}`, name);
    const { code, stderr } = await run('rm', server.url('/file-*'));
    expect(code).toBe(5);
    expect(count(stderr, 'Permission denied.')).toBe(40);
    expect(count(stderr, '40 failures: Check the permissions')).toBe(1);
  });
});
