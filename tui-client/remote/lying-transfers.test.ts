import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Script, type ScriptedControl, wasReset } from './testing/scripted-server.ts';
import { expectAlive, Stage, saying, sending } from './testing/stage.ts';
import { chunksOf, endlessSource, Gathered } from './testing/test-site.ts';

const stage = new Stage();

/** Takes what is sent by STOR. */
async function takingFiles(verb: string, control: ScriptedControl): Promise<true | undefined> {
  if (verb !== 'STOR') return undefined;
  control.say('150 Go.');
  (await control.data()).resume().on('end', () => control.say('226 Done.'));
  return true;
}

afterEach(() => stage.clear());

describe('transfers with a server that lies', () => {
  test('the address of PASV is passed over', async () => {
    const script: Script = async (verb, _argument, control) => {
      if (verb === 'EPSV') control.say('500 What?');
      else if (verb === 'PASV') {
        const port = await control.listen();
        control.say(`227 Go to (10,1,2,3,${port >> 8},${port & 255}).`);
      } else if (verb === 'RETR') await control.sendData('octets');
      else return undefined;
      return true;
    };
    const { session, server } = await stage.connect(script);
    for (const _ of [1, 2]) {
      const gathered = new Gathered();
      await session.download('/file', { sink: gathered.sink });
      expect(gathered.octets.toString()).toBe('octets');
    }
    expect(server.lines.filter((line) => line === 'EPSV')).toHaveLength(1);
  });

  test.each(['229 Nowhere', '229 (|||0|)', '229 (|||99999|)', '229 (||||)'])(
    '%s is no port',
    async (reply) => {
      const { session } = await stage.connect(saying('EPSV', reply));
      const attempt = session.download('/file', { sink: () => undefined });
      await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
      await expectAlive(session);
    },
  );

  test('a port where nobody listens is a network failure, and the session goes on', async () => {
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'EPSV') return undefined;
      const nobody = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => nobody.once('listening', resolve));
      const { port } = nobody.address() as { port: number };
      await new Promise((resolve) => nobody.close(resolve));
      control.say(`229 (|||${port}|)`);
      return true;
    });
    const attempt = session.download('/file', { sink: () => undefined });
    await expect(attempt).rejects.toMatchObject({ kind: 'network', isTransient: true });
    await expectAlive(session);
  });

  test.each(['before', 'after'])(
    'a refusal %s the connection is reset tells the reason',
    async (when) => {
      const { session } = await stage.connect(async (verb, _argument, control) => {
        if (verb !== 'STOR') return undefined;
        control.say('150 Go.');
        const data = await control.data();
        data.once('data', () => {
          if (when === 'before') control.say('552 Quota exceeded.');
          data.resetAndDestroy();
          if (when === 'after') setTimeout(() => control.say('552 Quota exceeded.'), 20);
        });
        return true;
      });
      const attempt = session.upload('/big', { source: endlessSource() });
      await expect(attempt).rejects.toMatchObject({
        kind: 'space',
        code: 552,
        message: 'Could not upload /big: 552 Quota exceeded.',
      });
      await expectAlive(session);
    },
  );

  test('a refusal reaches an upload that the server no longer reads', async () => {
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'STOR') return undefined;
      control.say('150 Go.');
      (await control.data()).pause();
      control.say('452 Disk full.');
      return true;
    });
    const attempt = session.upload('/big', { source: endlessSource() });
    await expect(attempt).rejects.toMatchObject({ kind: 'space', code: 452 });
    await expectAlive(session);
  });

  test('a refused upload does not touch its source', async () => {
    const { session } = await stage.connect(saying('STOR', '550 Permission denied.'));
    const source = endlessSource();
    await expect(session.upload('/no', { source })).rejects.toMatchObject({ kind: 'denied' });
    expect(source.given).toBe(0);
  });

  test('226 in the middle of an upload is no success', async () => {
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'STOR') return undefined;
      control.say('150 Go.', '226 Thank you.');
      (await control.data()).pause();
      return true;
    });
    const attempt = session.upload('/big', { source: endlessSource() });
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
    await expectAlive(session);
  });

  test('226 may overtake the octets of a download', async () => {
    const content = Buffer.alloc(5_000_000, 'x');
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'RETR') return undefined;
      control.say('150 Go.', '226 Done.');
      (await control.data()).end(content);
      return true;
    });
    const gathered = new Gathered();
    await session.download('/big', { sink: gathered.sink });
    expect(gathered.octets.length).toBe(content.length);
  });

  test('a download that is cut tells what the server says of it', async () => {
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'RETR') return undefined;
      control.say('150 Go.');
      (await control.data()).end('begin');
      control.say('451 Read error.');
      return true;
    });
    const attempt = session.download('/big', { sink: () => undefined });
    await expect(attempt).rejects.toMatchObject({ code: 451, isTransient: true });
    await expectAlive(session);
  });

  test.each([1, 1000, 65_536, 70_001, 1_000_000])(
    'a connection that is reset after %i octets is a network failure, both ways',
    async (bytes) => {
      const { session } = await stage.connect(async (verb, _argument, control) => {
        if (verb !== 'RETR' && verb !== 'STOR') return undefined;
        control.say('150 Go.');
        const data = await control.data();
        let movedBytes = 0;
        const cut = () => {
          data.resetAndDestroy();
          control.say('426 Cut.');
        };
        if (verb === 'RETR') data.write(Buffer.alloc(bytes), cut);
        else {
          data.on('data', (octets) => {
            movedBytes += octets.length;
            if (movedBytes >= bytes) cut();
          });
        }
        return true;
      });
      const failure = { kind: 'network', code: 426, isTransient: true };
      const upload = session.upload('/file', { source: endlessSource() });
      await expect(upload).rejects.toMatchObject(failure);
      const download = session.download('/file', { sink: () => undefined });
      await expect(download).rejects.toMatchObject(failure);
      await expectAlive(session);
    },
  );

  test('a data connection on which nothing moves is given up', async () => {
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'RETR') return undefined;
      control.say('150 Go.');
      (await control.data()).write('begin');
      return true;
    });
    const attempt = session.download('/file', { sink: () => undefined, stallMs: 50 });
    await expect(attempt).rejects.toMatchObject({ kind: 'network', isTransient: true });
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 200));
    const patient = session.download('/slow', { sink: slow, stallMs: 50 });
    await expect(patient).rejects.toMatchObject({ kind: 'network' });
  });

  test('a sink that fails ends the transfer, not the session', async () => {
    const { session } = await stage.connect(sending('RETR', 'x'.repeat(10_000_000)));
    const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    const attempt = session.download('/big', { sink: () => Promise.reject(full) });
    await expect(attempt).rejects.toBe(full);
    await expectAlive(session);
  });

  test('a source that fails ends the transfer, and the server cannot take it for whole', async () => {
    let end = '';
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'STOR') return undefined;
      control.say('150 Go.');
      const data = await control.data();
      data.on('error', () => {
        end = 'reset';
      });
      data.on('end', () => {
        end = wasReset(data) ? 'reset' : 'closed in order';
      });
      data.on('close', () => control.say('426 Cut.'));
      data.resume();
      return true;
    });
    const broken = new Error('read error');
    const source = (async function* () {
      yield Buffer.alloc(100_000);
      throw broken;
    })();
    await expect(session.upload('/big', { source })).rejects.toBe(broken);
    await expectAlive(session);
    expect(end).toBe('reset');
  });

  test('a server that answers ABOR never is left, and found again', async () => {
    const { session, server } = await stage.connect(async (verb, _argument, control) => {
      if (verb === 'STOR') {
        control.say('150 Go.');
        (await control.data()).resume();
        return true;
      }
      return verb === 'ABOR' ? true : undefined;
    });
    const stop = new AbortController();
    const onBytes = () => stop.abort(new Error('enough'));
    const attempt = session.upload('/big', {
      source: endlessSource(),
      signal: stop.signal,
      onBytes,
    });
    await expect(attempt).rejects.toThrow('enough');
    await expectAlive(session);
    expect(server.controls).toHaveLength(2);
  });

  test('REST that is refused is a failure, not a file from the start', async () => {
    const { session } = await stage.connect(saying('REST', '502 No.'));
    const attempt = session.download('/big', { offsetBytes: 5, sink: () => undefined });
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol', code: 502 });
    await expectAlive(session);
  });

  test('without REST STREAM an upload is carried on by APPE, if the file has just that size', async () => {
    const received: string[] = [];
    const script: Script = async (verb, _argument, control) => {
      if (verb === 'SIZE') control.say('213 5');
      else if (verb === 'APPE') {
        control.say('150 Go.');
        const data = await control.data();
        data.setEncoding('latin1').on('data', (text) => received.push(String(text)));
        data.on('end', () => control.say('226 Done.'));
      } else return undefined;
      return true;
    };
    const { session } = await stage.connect(script, []);
    await session.upload('/file', { offsetBytes: 5, source: chunksOf(Buffer.from(' end')) });
    expect(received.join('')).toBe(' end');
    const attempt = session.upload('/file', { offsetBytes: 6, source: chunksOf(Buffer.from('')) });
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
  });

  test('a receipt is asked for where it is wanted and read where there is one, and a digest is announced', async () => {
    const hex = 'ab'.repeat(32);
    const features = ['SITE EXPECT', 'RECEIPT'];
    const { session, server } = await stage.connect(async (verb, _argument, control) => {
      if (verb === 'SITE' || verb === 'OPTS') control.say('200 Fine.');
      else if (verb === 'STOR') {
        control.say('150 Go.');
        (await control.data()).resume().on('end', () => {
          control.say(
            '226-Transfer complete.',
            ` SHA-256 ${hex.toUpperCase()} size 4 receipt 17`,
            '226 End.',
          );
        });
      } else return undefined;
      return true;
    }, features);
    const upload = { source: chunksOf(Buffer.from('data')), sha256Hex: hex, wantsReceipt: true };
    expect(await session.upload('/file', upload)).toMatchObject({ sha256Hex: hex });
    expect(server.lines).toContain(`SITE EXPECT SHA-256 ${hex}`);
    await session.upload('/file', { source: chunksOf(Buffer.from('data')) });
    const asked = server.lines.filter((line) => /^(OPTS RECEIPT|STOR)/.test(line));
    expect(asked).toEqual(['OPTS RECEIPT ON', 'STOR /file', 'OPTS RECEIPT OFF', 'STOR /file']);
  });

  test.each([
    { answer: '200 Fine.', hasTime: true },
    { answer: '501 No.', hasTime: false },
  ])('the time goes with the upload, and $answer to it is not that to STOR', async (expected) => {
    const { session, server } = await stage.connect(
      async (verb, _argument, control) => {
        if (verb === 'SITE') control.say(expected.answer);
        else if (verb === 'STOR') {
          control.say('150 Go.');
          (await control.data()).resume().on('end', () => control.say('226 Done.'));
        } else return undefined;
        return true;
      },
      ['SITE MODIFIED'],
    );
    const upload = { source: chunksOf(Buffer.from('data')), modifiedMs: Date.UTC(2024, 1, 29) };
    const receipt = await session.upload('/file', upload);
    expect(receipt).toMatchObject({ message: '226 Done.', hasTime: expected.hasTime });
    expect(server.lines.slice(-2)).toEqual(['SITE MODIFIED 20240229000000', 'STOR /file']);
    await expectAlive(session);
  });

  test('size and time go together to a server that is known to take commands ahead', async () => {
    let held: string | undefined;
    const script: Script = async (verb, _argument, control) => {
      if (verb === 'SIZE') held = '213 4';
      else if (verb === 'MFMT') control.say(held ?? '500 Where is SIZE?', '213 Dated.');
      else return takingFiles(verb, control);
      return true;
    };
    const features = ['MFMT'];
    const server = await stage.serve(script, { features, greeting: '220 (vsFTPd 3.0.5)' });
    const session = await stage.connectTo(server);
    const upload = { source: chunksOf(Buffer.from('data')), modifiedMs: 0 };
    expect(await session.upload('/file', upload)).toMatchObject({ sizeBytes: 4, hasTime: true });
    await expectAlive(session);
  });

  test('a size or a time that such a server refuses can be asked for again', async () => {
    const script: Script = (verb, _argument, control) => {
      if (verb !== 'SIZE' && verb !== 'MFMT') return takingFiles(verb, control);
      control.say('550 Not now.');
      return true;
    };
    const features = ['MFMT'];
    const server = await stage.serve(script, { features, greeting: '220 ProFTPD Server' });
    const session = await stage.connectTo(server);
    const upload = { source: chunksOf(Buffer.from('data')), modifiedMs: 0 };
    const receipt = await session.upload('/file', upload);
    expect([receipt.sizeBytes, receipt.hasTime]).toEqual([undefined, false]);
    await expectAlive(session);
  });

  test('a server that is not known is sent one command at a time', async () => {
    const script: Script = (verb, _argument, control) => takingFiles(verb, control);
    const { session, server } = await stage.connect(script, ['MFMT']);
    await session.upload('/file', { source: chunksOf(Buffer.from('data')), modifiedMs: 0 });
    expect(server.lines.at(-1)).toBe('STOR /file');
  });

  test('an upload that is aborted before any reply came leaves the session in step', async () => {
    const { session } = await stage.connect(
      async (verb, _argument, control) => {
        if (verb === 'STOR') return true;
        if (verb === 'ABOR') control.say('200 Fine.', '426 Cut.', '226 Aborted.');
        else if (verb !== 'SITE') return undefined;
        return true;
      },
      ['SITE MODIFIED'],
    );
    const stop = new AbortController();
    const upload = session.upload('/file', {
      source: endlessSource(),
      modifiedMs: 0,
      signal: stop.signal,
    });
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(upload).rejects.toThrow('enough');
    await expectAlive(session);
  });
});
