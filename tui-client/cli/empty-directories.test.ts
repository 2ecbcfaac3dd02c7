import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { EMPTY, REFUSING, SILENT } from '../testing/moods.ts';
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

async function start(mood: Mood, directory = '/empty'): Promise<void> {
  server = await FieldServer.start(mood);
  server.tree.put('/full/file', 'content');
  server.tree.makeDirectory(directory);
}

/** Makes an empty directory the source of a mirror to a directory that has a file. */
async function mirrorDown(directory = '/empty'): Promise<Outcome> {
  await client.write('down/mine', 'x');
  return run('mirror', '--delete-all', server.url(directory), 'down');
}

const mine = () => client.read('down/mine');

describe.each(Object.entries(EMPTY))('%s', (_, mood) => {
  test('is an empty directory', async () => {
    await start(mood);
    expect(await run('ls', server.url('/empty'))).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await run('ls', server.url('/full'))).toMatchObject({ code: 0, stdout: 'file\n' });
    expect(await mirrorDown()).toMatchObject({ code: 0 });
    await expect(mine()).rejects.toThrow('ENOENT');
  });

  test('is a failure where the directory does not exist', async () => {
    await start(mood);
    expect(await mirrorDown('/gone')).toMatchObject({ code: 5 });
    expect((await mine()).toString()).toBe('x');
  });
});

describe.each(Object.entries(REFUSING))('%s', (title, mood) => {
  const directory = title === 'a name in the words' ? '/no files found' : '/empty';

  test('is a refusal, and nothing is deleted', async () => {
    await start(mood, directory);
    const path = encodeURI(directory);
    const listed = await run('ls', server.url(path));
    expect(listed).toMatchObject({ code: 5, stderr: expect.stringContaining('Could not list') });
    expect((await mirrorDown(path)).code).not.toBe(0);
    expect((await mine()).toString()).toBe('x');
  });
});

describe.each(Object.entries(SILENT))('%s', (_, mood) => {
  const note = 'the listing is incomplete: the server sent nothing, and "226 Done."';

  test('is shown as empty after seconds, with a note', async () => {
    await start(mood);
    const startedMs = performance.now();
    const outcome = await run('ls', server.url('/empty'));
    expect(outcome).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining(note) });
    expect(performance.now() - startedMs).toBeLessThan(25_000);
  });

  test('lets a mirror delete nothing', async () => {
    await start(mood);
    expect(await mirrorDown()).toMatchObject({ code: 1, stderr: expect.stringContaining(note) });
    expect((await mine()).toString()).toBe('x');
  });

  test('takes uploads', async () => {
    await start(mood);
    await client.write('new', 'new');
    expect(await run('put', 'new', server.url('/empty/'))).toMatchObject({ code: 0 });
    expect(server.tree.text('/empty/new')).toBe('new');
  });
});

test('LIST after a silent LIST -a may have left dot files out, and is not remembered', async () => {
  await start({
    answers: {
      LIST: (argument, control) => {
        if (argument !== '-a') return undefined;
        control.say('226 Done.');
        return true;
      },
    },
  });
  await client.write('down/.mine', 'x');
  const outcome = await run('mirror', '--delete-all', server.url('/full'), 'down');
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('sent nothing') });
  expect((await client.read('down/.mine')).toString()).toBe('x');
  expect((await client.read('down/file')).toString()).toBe('content');
});
