import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { FieldServer } from '../testing/field-server.ts';
import { refusingPwd } from '../testing/moods.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

async function run(...args: readonly string[]): Promise<string> {
  const all = [...args, '--plain', '--password-stdin'];
  const outcome = await client.run(all, { input: 'secret' });
  expect(outcome).toMatchObject({ code: 0 });
  return outcome.stdout;
}

test('without PWD a session begins at the root', async () => {
  server = await FieldServer.start(refusingPwd('250 There.'));
  server.tree.put('/dir/file', 'content');
  await client.write('new', 'new');
  expect(await run('ls', server.url('/~/'))).toBe('dir/\n');
  expect(await run('cat', server.url('/~/dir/file'))).toBe('content');
  await run('put', 'new', server.url('/~/new'));
  await run('mkdir', server.url('/~/made'));
  await run('mv', server.url('/~/new'), server.url('/~/moved'));
  await run('mirror', server.url('/~/dir'), 'down');
  await run('rm', '-r', server.url('/~/made'));
  expect(server.tree.namesIn('/')).toEqual(['dir', 'moved']);
  expect((await client.read('down/file')).toString()).toBe('content');
});

test('without PWD the reply to CWD says where a session begins', async () => {
  server = await FieldServer.start(refusingPwd('250 "/dir" is the current directory.'));
  server.tree.put('/dir/file', 'content');
  expect(await run('ls', server.url('/~/'))).toBe('file\n');
});
