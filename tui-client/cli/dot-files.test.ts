import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { describePeers, PEERS } from '../remote/testing/peers.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());

function run(args: readonly string[], input = 'secret'): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input });
}

describe('a server without MLSD that hides dot files', () => {
  let server: FieldServer;

  afterEach(() => server.close());

  async function start(mood: Mood = {}): Promise<void> {
    server = await FieldServer.start({ hidesDotFiles: true, ...mood });
    for (const name of ['.htaccess', 'index.html']) server.tree.put(`/site/sub/${name}`, name);
  }

  const lists = () => server.lines.filter((line) => line.startsWith('LIST'));

  test('shows them with LIST -a', async () => {
    await start();
    const outcome = await run(['ls', '-a', server.url('/site/sub')]);
    expect(outcome).toMatchObject({ code: 0, stdout: '.htaccess\nindex.html\n' });
    expect(lists()).toEqual(['LIST -a']);
  });

  test('loses none in a mirror, and can be emptied', async () => {
    await start();
    await client.write('mirror/sub/.htaccess', '.htaccess');
    const mirrored = await run(['mirror', '--delete', server.url('/site'), 'mirror']);
    expect(mirrored).toMatchObject({ code: 0 });
    expect((await client.read('mirror/sub/.htaccess')).toString()).toBe('.htaccess');
    expect(await run(['rm', '-r', server.url('/site')])).toMatchObject({ code: 0 });
    expect(server.tree.namesIn('/')).toEqual([]);
  });

  test.each([
    ['refuses -a', '550 -a: no such directory.'],
    ['does not know -a', '501 Not understood.'],
  ])('is asked without it where it %s, from then on', async (_, reply) => {
    await start({
      answers: {
        LIST: (argument, control) => {
          if (argument !== '-a') return undefined;
          control.say(reply);
          return true;
        },
      },
    });
    const outcome = await run(['ls', '-r', server.url('/site')]);
    expect(outcome).toMatchObject({ code: 0, stdout: 'sub/\nsub/index.html\n' });
    expect(lists()).toEqual(['LIST -a', 'LIST', 'LIST']);
  });

  test.each([
    ['an empty listing', ''],
    ['lines in no known format', 'ls: -a: No such file or directory\r\n'],
  ])('is asked again without it after %s', async (_, listing) => {
    await start({
      answers: {
        LIST: (argument, control) =>
          argument === '-a' ? control.sendData(listing).then(() => true) : undefined,
      },
    });
    const outcome = await run(['ls', server.url('/site/sub')]);
    expect(outcome).toMatchObject({ code: 0, stdout: 'index.html\n' });
  });
});

await describePeers(PEERS, ({ kind, ...start }) => {
  test('dot files are shown, and deleted', async () => {
    const server = await PeerServer.start(kind, start);
    const url = `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}`;
    await client.write('.hidden', 'x');
    const sent = await run(['put', '.hidden', `${url}/.hidden`], server.password);
    const listed = await run(['ls', '-a', url], server.password);
    const removed = await run(['rm', `${url}/.hidden`], server.password);
    await server.stop();
    expect([sent.code, listed.stdout, removed.code]).toEqual([0, '.hidden\n', 0]);
  });
});
