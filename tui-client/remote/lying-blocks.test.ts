import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { block, END_OF_FILE } from '../../server/testing/blocks.ts';
import type { ScriptedControl } from './testing/scripted-server.ts';
import { expectAlive, Stage } from './testing/stage.ts';
import { chunksOf, Gathered } from './testing/test-site.ts';

/** By these the server is taken for MyFTP. */
const FEATURES = ['SITE PARTIALS', 'SITE QUOTA', 'MLST type*;size*;', 'REST STREAM', 'UTF8'];

const stage = new Stage();

afterEach(() => stage.clear());

/** A server that knows MODE B, and answers RETR and STOR by a script. */
async function connect(
  transfer: (verb: string, argument: string, control: ScriptedControl) => Promise<void> | void,
) {
  return stage.connect(async (verb, argument, control) => {
    if (verb === 'MODE') control.say('200 Fine.');
    else if (verb === 'RETR' || verb === 'STOR') await transfer(verb, argument, control);
    else return undefined;
    return true;
  }, FEATURES);
}

const small = (session: Awaited<ReturnType<typeof connect>>['session'], path = '/file') => {
  const gathered = new Gathered();
  const done = session.download(path, { sink: gathered.sink, sizeBytes: 6 });
  return done.then(() => gathered.octets.toString());
};

const upload = (session: Awaited<ReturnType<typeof connect>>['session'], path: string) =>
  session.upload(path, { source: chunksOf(Buffer.from(path)), sizeBytes: path.length });

describe('small files with a server that says it is MyFTP', () => {
  test('go over one data connection', async () => {
    const { session, server } = await connect(async (verb, argument, control) => {
      const data = await control.data();
      if (verb === 'RETR') data.write(block(END_OF_FILE, `of ${argument}`));
      else await once(data, 'data');
      control.say('125 Go.', '250 Done.');
    });
    expect([await small(session, '/a'), await small(session, '/b')]).toEqual(['of /a', 'of /b']);
    await upload(session, '/c');
    expect(sentBy(server, /^(MODE|EPSV|RETR|STOR)/)).toEqual([
      'MODE B',
      'EPSV',
      'RETR /a',
      'RETR /b',
      'STOR /c',
    ]);
  });

  test('go each over its own where MODE B is refused', async () => {
    const { session, server } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'RETR') return undefined;
      await control.sendData('octets');
      return true;
    }, FEATURES);
    expect([await small(session), await small(session)]).toEqual(['octets', 'octets']);
    expect(sentBy(server, /^(MODE|EPSV)/)).toEqual(['MODE B', 'EPSV', 'EPSV']);
  });

  test('go over another data connection beside a large one', async () => {
    let isInBlocks = false;
    const { session, server } = await stage.connect(async (verb, argument, control) => {
      if (verb === 'MODE') {
        isInBlocks = argument === 'B';
        control.say('200 Fine.');
      } else if (verb === 'RETR' && isInBlocks) {
        (await control.data()).write(block(END_OF_FILE, 'blocks'));
        control.say('150 Go.', '250 Done.');
      } else if (verb === 'RETR') await control.sendData('stream');
      else return undefined;
      return true;
    }, FEATURES);
    const gathered = new Gathered();
    expect(await small(session)).toBe('blocks');
    await session.download('/large', { sink: gathered.sink, sizeBytes: 10_000_000 });
    expect(gathered.octets.toString()).toBe('stream');
    expect(await small(session)).toBe('blocks');
    expect(sentBy(server, /^MODE/)).toEqual(['MODE B', 'MODE S', 'MODE B']);
  });

  test('octets come cut anywhere, over several blocks', async () => {
    const { session } = await connect(async (_verb, _argument, control) => {
      control.say('150 Go.');
      const data = await control.data();
      const parts = [block(0, 'ab'), block(128, 'cd'), block(0, ''), block(END_OF_FILE, 'ef')];
      for (const octet of Buffer.concat(parts)) {
        data.write(Buffer.from([octet]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      control.say('250 Done.');
    });
    expect(await small(session)).toBe('abcdef');
  });

  test('the reply may come before the octets', async () => {
    const { session } = await connect(async (_verb, _argument, control) => {
      control.say('150 Go.', '250 Done.');
      const data = await control.data();
      setTimeout(() => data.write(block(END_OF_FILE, 'octets')), 30);
    });
    expect(await small(session)).toBe('octets');
  });

  test.each([
    ['the connection ends before the file', (data: Socket) => data.end(block(0, 'octets'))],
    ['the connection is reset', (data: Socket) => data.resetAndDestroy()],
    ['a block has errors', (data: Socket) => data.write(block(32 | END_OF_FILE, 'octets'))],
    ['a block is of no known kind', (data: Socket) => data.write('octets are no blocks')],
  ])('fail when %s, and the next comes over another connection', async (_what, spoil) => {
    let isSpoilt = false;
    const { session, server } = await connect(async (_verb, _argument, control) => {
      control.say('150 Go.');
      const data = await control.data();
      if (isSpoilt) data.write(block(END_OF_FILE, 'octets'));
      else spoil(data);
      isSpoilt = true;
      control.say('250 Done.');
    });
    await expect(small(session)).rejects.toMatchObject({
      kind: expect.stringMatching(/network|protocol/),
    });
    await expectAlive(session);
    expect(await small(session)).toBe('octets');
    expect(sentBy(server, /^EPSV/)).toHaveLength(2);
  });

  test('what is sent without being asked for is not taken for the next file', async () => {
    let dropped: Promise<unknown> | undefined;
    const { session } = await connect(async (_verb, argument, control) => {
      control.say('150 Go.');
      const data = await control.data();
      data.write(block(END_OF_FILE, `of ${argument}`));
      if (argument === '/a') {
        dropped = once(data.resume(), 'close');
        data.write(block(END_OF_FILE, 'a lie'));
      }
      control.say('250 Done.');
    });
    expect(await small(session, '/a')).toBe('of /a');
    await dropped;
    expect(await small(session, '/b')).toBe('of /b');
  });

  test('a reply that nobody has asked for is not the reply to the next file', async () => {
    const { server } = await connect(async (_verb, argument, control) => {
      const data = await control.data();
      if (argument === '/b') return control.say('552 Full.');
      await once(data, 'data');
      control.say('125 Go.', '250 Done.');
    });
    let hasCome = () => {};
    const stray = new Promise<void>((resolve) => {
      hasCome = resolve;
    });
    const log = (line: string) => line.includes('Nobody has asked') && hasCome();
    const session = await stage.connectTo(server, { log });
    await upload(session, '/a');
    server.controls.at(-1)?.say('250 Nobody has asked.');
    await stray;
    await expect(upload(session, '/b')).rejects.toMatchObject({ code: 552 });
  });

  test('what an upload has declared that was aborted is taken back before the next', async () => {
    const stop = new AbortController();
    const { session, server } = await stage.connect(async (verb, _argument, control) => {
      if (verb === 'EPSV') stop.abort(new Error('stopped'));
      if (verb === 'ALLO' || verb === 'MODE') control.say('200 Fine.');
      else if (verb === 'STOR') {
        await once(await control.data(), 'data');
        control.say('150 Go.', '250 Done.');
      } else return undefined;
      return true;
    }, FEATURES);
    const source = chunksOf(Buffer.alloc(600_000));
    const large = session.upload('/large', { source, sizeBytes: 600_000, signal: stop.signal });
    await expect(large).rejects.toThrow('stopped');
    await upload(session, '/small');
    expect(sentBy(server, /^(ALLO|STOR)/)).toEqual(['ALLO 600000', 'ALLO 0', 'STOR /small']);
  });

  test('a refused upload takes its octets with it', async () => {
    const received: string[] = [];
    const { session, server } = await connect(async (_verb, argument, control) => {
      const data = await control.data();
      if (argument === '/no') return control.say('553 No.');
      control.say('150 Go.');
      received.push(String((await once(data, 'data'))[0]));
      control.say('250 Done.');
    });
    await expect(upload(session, '/no')).rejects.toMatchObject({ code: 553 });
    await upload(session, '/yes');
    expect(received).toEqual([String(block(END_OF_FILE, '/yes'))]);
    expect(sentBy(server, /^EPSV/)).toHaveLength(2);
  });

  test('an upload that is cut off has no end', async () => {
    const ended: Buffer[] = [];
    const { session } = await connect(async (_verb, _argument, control) => {
      control.say('150 Go.');
      const data = await control.data();
      data.on('data', (chunk: Buffer) => ended.push(chunk));
    });
    async function* breaking() {
      yield Buffer.from('beginning');
      throw new Error('the disk is gone');
    }
    const attempt = session.upload('/cut', { source: breaking(), sizeBytes: 100 });
    await expect(attempt).rejects.toThrow('the disk is gone');
    expect(Buffer.concat(ended)[0] ?? 0).toBe(0);
  });
});

/** Lines that the client has sent. */
function sentBy(server: { readonly lines: readonly string[] }, pattern: RegExp): string[] {
  return server.lines.filter((line) => pattern.test(line));
}
