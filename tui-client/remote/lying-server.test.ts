import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { RemoteSession } from './remote-session.ts';
import { type Script, ScriptedServer, wasReset } from './testing/scripted-server.ts';
import { chunksOf, connectAnna, endlessSource, Gathered, namesIn } from './testing/test-site.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function serve(
  script: Script,
  features: readonly string[] = ['MLST type*;size*;', 'REST STREAM', 'UTF8'],
): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script, features);
  open.push(server);
  return server;
}

async function connect(
  script: Script,
  features?: readonly string[],
): Promise<{ session: RemoteSession; server: ScriptedServer }> {
  const server = await serve(script, features);
  const session = await connectAnna(server.port);
  open.push(session);
  return { session, server };
}

/** A server that answers a verb with octets on the data connection. */
function sending(verb: string, octets: string | Uint8Array): Script {
  return (said, _argument, control) =>
    said === verb ? control.sendData(octets).then(() => true) : undefined;
}

/** One that answers a verb with a reply. */
function saying(verb: string, ...lines: string[]): Script {
  return (said, _argument, control) => {
    if (said !== verb) return undefined;
    control.say(...lines);
    return true;
  };
}

const alive = async (session: RemoteSession) =>
  expect(await session.command('NOOP')).toMatchObject({ code: 200 });

describe('listings of a server that lies', () => {
  test('hostile names do not come out', async () => {
    const lines = [
      'type=file;size=1; good',
      'type=dir; ..',
      'type=dir; .',
      'type=file; ',
      'type=file; ../../etc/passwd',
      'type=file; /etc/passwd',
      'type=file; nul\0name',
      'type=file; cr\rname',
      'type=cdir; itself',
      'type=pdir; above',
      'no facts and no blank',
      'type=file;size=-1; negative',
      'type=file;size=99999999999999999999; huge',
      'type=__proto__;__proto__=1; proto',
      'type=file;modify=99999999999999; late',
      'type=file; escape\u001b[2J',
      'type=OS.unix=slink:/etc; link',
      'type=OS.unix=chr-1/5; device',
      'type=file; good',
    ];
    const { session } = await connect(sending('MLSD', lines.join('\r\n')));
    const entries = [];
    for await (const batch of session.place.list('/')) entries.push(...batch);
    expect(entries.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
      ['good', 'file', 1],
      ['negative', 'file', undefined],
      ['huge', 'file', undefined],
      ['proto', 'other', undefined],
      ['late', 'file', undefined],
      ['escape\u001b[2J', 'file', undefined],
      ['link', 'link', undefined],
      ['device', 'other', undefined],
    ]);
    expect(entries.find(({ name }) => name === 'link')?.linkTarget).toBe('/etc');
    await alive(session);
  });

  test('LIST is read as Unix and DOS write it, after CWD', async () => {
    const lines = [
      'total 12',
      'drwxr-xr-x 2 root root 4096 Jan 01 10:00 directory',
      '-rw-r--r-- 1 root root 17 Jan 01  2020 two words',
      '-rw-r--r-- 1 root root 17 Jan 01  2020 ../up',
      'lrwxrwxrwx 1 root root 4 Jan 01  2020 link -> /etc',
      '05-06-20  03:14PM       <DIR>          dos directory',
      '05-06-20  03:14PM                   99 dos.txt',
      'garbage',
    ];
    const { session, server } = await connect(sending('LIST', lines.join('\n')), []);
    const entries = [];
    for await (const batch of session.place.list('/where')) entries.push(...batch);
    expect(entries).toMatchObject([
      { name: 'directory', kind: 'directory', mode: 0o755 },
      { name: 'two words', kind: 'file', sizeBytes: 17 },
      { name: 'link', kind: 'link', linkTarget: '/etc' },
      { name: 'dos directory', kind: 'directory' },
      { name: 'dos.txt', kind: 'file', sizeBytes: 99 },
    ]);
    expect(server.lines.slice(-3)).toEqual(['CWD /where', 'EPSV', 'LIST']);
  });

  test('a missing directory is an error where LIST would be empty', async () => {
    const script: Script = saying('CWD', '550 Failed to change directory.');
    const { session } = await connect(script, []);
    await expect(namesIn(session, '/none')).rejects.toMatchObject({ name: 'Failure', code: 550 });
  });

  test('a name that is not UTF-8 goes back as it came', async () => {
    const octets = Buffer.from('type=file;size=1; gr\u00fc\u00dfe\u00ff\r\n', 'latin1');
    const { session, server } = await connect(sending('MLSD', octets));
    expect(await namesIn(session, '/')).toEqual(['grüßeÿ']);
    await session.place.remove('/grüßeÿ').catch(() => {});
    await session.place.remove('/neu ü').catch(() => {});
    expect(server.lines).toContain('DELE /grüßeÿÿ');
    expect(server.lines).toContain(`DELE /${Buffer.from('neu ü').toString('latin1')}`);
  });

  test('lines without an end and endless lines are dropped', async () => {
    const octets = `type=file; ${'x'.repeat(200_000)}\r\ntype=file; kept\r\ntype=file; last`;
    const { session } = await connect(sending('MLSD', octets));
    expect(await namesIn(session, '/')).toEqual(['kept', 'last']);
  });

  test('an endless listing is read no faster than it is looked at, and can be left', async () => {
    let sentBytes = 0;
    const { session } = await connect(async (verb, _argument, control) => {
      if (verb !== 'MLSD') return undefined;
      control.say('150 Here.');
      const data = await control.data();
      data.on('close', () => control.say('426 Gone.'));
      const more = () => {
        const line = `type=file; ${'n'.repeat(200)}${sentBytes}\r\n`;
        while (!data.destroyed) {
          sentBytes += line.length;
          if (!data.write(line.replace('nn', `n${sentBytes}`))) break;
        }
      };
      data.on('drain', more);
      more();
      return true;
    });
    for await (const batch of session.place.list('/')) {
      expect(batch.length).toBeGreaterThan(0);
      // Time to read on, for one that would.
      await new Promise((resolve) => setTimeout(resolve, 200));
      break;
    }
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
    await alive(session);
  });

  test('whoever asks for more in the middle of a listing gets it', async () => {
    const line = (at: number) => `type=file;size=${at}; name-${at}\r\n`;
    const lines = Array.from({ length: 30_000 }, (_, at) => line(at)).join('');
    const { session } = await connect(sending('MLSD', lines));
    let count = 0;
    for await (const batch of session.place.list('/')) {
      if (count === 0) await alive(session);
      count += batch.length;
    }
    expect(count).toBe(30_000);
  });
});

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
    const { session, server } = await connect(script);
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
      const { session } = await connect(saying('EPSV', reply));
      const attempt = session.download('/file', { sink: () => undefined });
      await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
      await alive(session);
    },
  );

  test('a port where nobody listens is a network failure, and the session goes on', async () => {
    const { session } = await connect(async (verb, _argument, control) => {
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
    await alive(session);
  });

  test.each(['before', 'after'])(
    'a refusal %s the connection is reset tells the reason',
    async (when) => {
      const { session } = await connect(async (verb, _argument, control) => {
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
      await alive(session);
    },
  );

  test('a refusal reaches an upload that the server no longer reads', async () => {
    const { session } = await connect(async (verb, _argument, control) => {
      if (verb !== 'STOR') return undefined;
      control.say('150 Go.');
      (await control.data()).pause();
      control.say('452 Disk full.');
      return true;
    });
    const attempt = session.upload('/big', { source: endlessSource() });
    await expect(attempt).rejects.toMatchObject({ kind: 'space', code: 452 });
    await alive(session);
  });

  test('a refused upload does not touch its source', async () => {
    const { session } = await connect(saying('STOR', '550 Permission denied.'));
    const source = endlessSource();
    await expect(session.upload('/no', { source })).rejects.toMatchObject({ kind: 'denied' });
    expect(source.given).toBe(0);
  });

  test('226 in the middle of an upload is no success', async () => {
    const { session } = await connect(async (verb, _argument, control) => {
      if (verb !== 'STOR') return undefined;
      control.say('150 Go.', '226 Thank you.');
      (await control.data()).pause();
      return true;
    });
    const attempt = session.upload('/big', { source: endlessSource() });
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
    await alive(session);
  });

  test('226 may overtake the octets of a download', async () => {
    const content = Buffer.alloc(5_000_000, 'x');
    const { session } = await connect(async (verb, _argument, control) => {
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
    const { session } = await connect(async (verb, _argument, control) => {
      if (verb !== 'RETR') return undefined;
      control.say('150 Go.');
      (await control.data()).end('begin');
      control.say('451 Read error.');
      return true;
    });
    const attempt = session.download('/big', { sink: () => undefined });
    await expect(attempt).rejects.toMatchObject({ code: 451, isTransient: true });
    await alive(session);
  });

  test('a sink that fails ends the transfer, not the session', async () => {
    const { session } = await connect(sending('RETR', 'x'.repeat(10_000_000)));
    const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    const attempt = session.download('/big', { sink: () => Promise.reject(full) });
    await expect(attempt).rejects.toBe(full);
    await alive(session);
  });

  test('a source that fails ends the transfer, and the server cannot take it for whole', async () => {
    let end = '';
    const { session } = await connect(async (verb, _argument, control) => {
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
    await alive(session);
    expect(end).toBe('reset');
  });

  test('a server that answers ABOR never is left, and found again', async () => {
    const { session, server } = await connect(async (verb, _argument, control) => {
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
    await alive(session);
    expect(server.controls).toHaveLength(2);
  });

  test('REST that is refused is a failure, not a file from the start', async () => {
    const { session } = await connect(saying('REST', '502 No.'));
    const attempt = session.download('/big', { offsetBytes: 5, sink: () => undefined });
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol', code: 502 });
    await alive(session);
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
    const { session } = await connect(script, []);
    await session.upload('/file', { offsetBytes: 5, source: chunksOf(Buffer.from(' end')) });
    expect(received.join('')).toBe(' end');
    const attempt = session.upload('/file', { offsetBytes: 6, source: chunksOf(Buffer.from('')) });
    await expect(attempt).rejects.toMatchObject({ kind: 'protocol' });
  });

  test('a receipt is read where there is one, and a digest is announced where it is wanted', async () => {
    const hex = 'ab'.repeat(32);
    const features = ['SITE EXPECT', 'RECEIPT'];
    const { session, server } = await connect(async (verb, _argument, control) => {
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
    const upload = { source: chunksOf(Buffer.from('data')), sha256Hex: hex };
    expect(await session.upload('/file', upload)).toMatchObject({ sha256Hex: hex });
    expect(server.lines).toContain('OPTS RECEIPT ON');
    expect(server.lines).toContain(`SITE EXPECT SHA-256 ${hex}`);
  });
});

describe('control connections of a server that lies', () => {
  test('a reply may come octet by octet', async () => {
    const { session } = await connect(async (verb, _argument, control) => {
      if (verb !== 'PWD') return undefined;
      control.socket.setNoDelay(true);
      for (const octet of '257-Here\r\n25\r\n257 "/a""b" it is\r\n') {
        control.socket.write(octet);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return true;
    });
    expect(await session.workingDirectory()).toBe('/a"b');
    await alive(session);
  });

  test('quotes in a working directory are undone', async () => {
    const { session } = await connect(saying('PWD', '257 "/a""b "" c" is "current".'));
    expect(await session.workingDirectory()).toBe('/a"b " c');
  });

  test.each([
    ['a line without an end', 'x'.repeat(200_000)],
    ['a reply without an end', `257-${'x\r\n'.repeat(100_000)}`],
  ])('%s is not gathered for ever', async (_title, text) => {
    const { session } = await connect((verb, _argument, control) =>
      verb === 'SITE' ? control.socket.write(text) : undefined,
    );
    const attempt = session.command('SITE WHAT');
    await expect(attempt).rejects.toMatchObject({ kind: 'network' });
    await alive(session);
  });

  test('replies that nobody has asked for are no answers', async () => {
    const { session } = await connect((verb, _argument, control) => {
      if (verb !== 'TYPE') return undefined;
      control.say('200 Fine.', '250 And something else.', '550 And more.');
      return true;
    });
    await alive(session);
  });

  test('a write is repeated only if the server has said that it did not do it', async () => {
    let tries = 0;
    const { session } = await connect((verb, argument, control) => {
      if (verb !== 'DELE') return undefined;
      tries += 1;
      if (tries > 1) control.say('250 Gone.');
      else if (argument === '/told') control.socket.end('421 Too long idle.\r\n');
      else control.socket.destroy();
      return true;
    });
    await session.place.remove('/told');
    expect(tries).toBe(2);
    tries = 0;
    await expect(session.place.remove('/untold')).rejects.toMatchObject({ kind: 'network' });
    expect(tries).toBe(1);
  });

  test('a read is repeated unseen, also in the middle of a listing', async () => {
    let tries = 0;
    const { session } = await connect(async (verb, _argument, control) => {
      if (verb !== 'MLSD') return undefined;
      tries += 1;
      if (tries > 1)
        return control.sendData('type=file; one\r\ntype=file; two\r\n').then(() => true);
      control.say('150 Here.');
      const data = await control.data();
      data.write('type=file; one\r\n', () => {
        data.resetAndDestroy();
        control.socket.destroy();
      });
      return true;
    });
    expect(await namesIn(session, '/')).toEqual(['one', 'two']);
  });

  test.each([
    ['530 Login incorrect.', 'login'],
    ['430 No.', 'login'],
    ['421 Too many users.', 'network'],
  ])('%s to a password is a failure of the kind %s', async (reply, kind) => {
    const server = await serve(saying('PASS', reply));
    await expect(connectAnna(server.port)).rejects.toMatchObject({ name: 'Failure', kind });
  });

  test('where nobody listens is no connection', async () => {
    const server = await ScriptedServer.start();
    const { port } = server;
    await server.close();
    const attempt = connectAnna(port);
    await expect(attempt).rejects.toMatchObject({ kind: 'network', isTransient: true });
  });

  test('TLS that is not offered is no reason to go on in clear', async () => {
    const server = await serve(() => undefined);
    const attempt = connectAnna(server.port, { tls: 'explicit' });
    await expect(attempt).rejects.toMatchObject({ kind: 'trust' });
    expect(server.lines.filter((line) => !/^(AUTH|QUIT)/.test(line))).toEqual([]);
  });

  test('text that is put in before the encryption is a failure', async () => {
    const server = await serve(saying('AUTH', '234 Go.', '331 Password in clear?'));
    const attempt = connectAnna(server.port, { tls: 'explicit' });
    await expect(attempt).rejects.toMatchObject({ kind: 'trust' });
  });

  test('nothing secret is in the log or in a failure, whatever the server says', async () => {
    const log: string[] = [];
    const server = await serve((verb, argument, control) => {
      if (verb === 'PASS') control.say(`230 Welcome with ${argument}!`);
      else if (verb === 'SITE') control.say(`550 Not with correct horse, ${argument}.`);
      else return undefined;
      return true;
    });
    const session = await connectAnna(server.port, { log: (line) => log.push(line) });
    open.push(session);
    const failure = await session.changePassword('correct horse', 'battery staple').catch(String);
    expect(server.lines).toContain('PASS correct horse');
    expect(log).toContain('> PASS ****');
    expect(`${log.join('\n')} ${failure}`).not.toMatch(/correct horse|battery/);
  });
});
