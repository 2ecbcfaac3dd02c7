import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { INCOMPLETE, UNDERSTOOD } from '../testing/moods.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

function run(...args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
}

/** Of what is expected, what `ls` shows here. */
async function start(mood: Mood): Promise<void> {
  server = await FieldServer.start(mood);
  for (const name of ['A.TXT', 'B.TXT', 'C.TXT']) server.tree.put(`/dir/${name}`, name);
}

describe.each(Object.entries(UNDERSTOOD))('a listing as %s writes it', (_, mood) => {
  test('is understood', async () => {
    await start(mood);
    server.tree.makeDirectory('/dir/SUB');
    const outcome = await run('ls', server.url('/dir'));
    expect(outcome).toMatchObject({ code: 0, stdout: 'A.TXT\nB.TXT\nC.TXT\nSUB/\n', stderr: '' });
  });

  test('lets a mirror delete what the server has not', async () => {
    await start(mood);
    await client.write('down/A.TXT', 'A.TXT');
    await client.write('down/extra', 'x');
    const outcome = await run('mirror', '--delete', server.url('/dir'), 'down');
    expect(outcome).toMatchObject({ code: 0 });
    expect((await client.read('down/C.TXT')).toString()).toBe('C.TXT');
    await expect(client.read('down/extra')).rejects.toThrow('ENOENT');
  });
});

describe.each(Object.entries(INCOMPLETE))('a listing with %s', (_, mood) => {
  const reason = /the listing is incomplete: /;

  test('is shown as far as it goes, and ends with 1', async () => {
    await start(mood);
    const outcome = await run('ls', server.url('/dir'));
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
  });

  test('lets a mirror delete nothing, here or there', async () => {
    await start(mood);
    await client.write('both/mine', 'x');
    const down = await run('mirror', '--delete-all', server.url('/dir'), 'both');
    expect(down).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
    expect(down.stderr).toContain('Nothing was deleted');
    expect((await client.read('both/mine')).toString()).toBe('x');
    const up = await run('mirror', '--delete-all', 'both', server.url('/dir'));
    expect(up).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
    expect(server.lines.filter((line) => /^(DELE|RMD)/.test(line))).toEqual([]);
  });

  test('lets rm -r delete nothing in it', async () => {
    await start(mood);
    const outcome = await run('rm', '-r', server.url('/dir'));
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
    expect(server.tree.namesIn('/dir')).toEqual(['A.TXT', 'B.TXT', 'C.TXT']);
  });

  test('lets get -r say that not everything came', async () => {
    await start(mood);
    const outcome = await run('get', '-r', '--overwrite', server.url('/dir'), 'got/');
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
  });

  test('lets a pattern match nothing', async () => {
    await start(mood);
    const outcome = await run('rm', server.url('/dir/*.TXT'));
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
    expect(server.tree.namesIn('/dir')).toHaveLength(3);
  });
});

test('a name that no odd line can hide does not exist', async () => {
  await start(INCOMPLETE['one odd line'] ?? {});
  await client.write('new.txt', 'new');
  const outcome = await run('put', 'new.txt', server.url('/dir/'));
  expect(outcome).toMatchObject({ code: 0 });
  expect(server.tree.text('/dir/new.txt')).toBe('new');
});

test('a name that a truncated listing may hide is not taken for missing', async () => {
  await start(INCOMPLETE.truncated ?? {});
  await client.write('new.txt', 'new');
  const outcome = await run('put', 'new.txt', server.url('/dir/'));
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('incomplete') });
  expect(server.lines.some((line) => line.startsWith('STOR'))).toBe(false);
});
