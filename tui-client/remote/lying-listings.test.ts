import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readListing } from '../files/listing.ts';
import type { Script } from './testing/scripted-server.ts';
import { expectAlive, Stage, saying, sending } from './testing/stage.ts';
import { namesIn } from './testing/test-site.ts';

const stage = new Stage();

afterEach(() => stage.clear());

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
    const { session } = await stage.connect(sending('MLSD', `${lines.join('\r\n')}\r\n`));
    const { entries, gap } = await readListing(session.place, '/');
    expect(gap?.message).toContain('6 lines were not understood, the first is "type=file; "');
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
    await expectAlive(session);
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
    const { session, server } = await stage.connect(sending('LIST', `${lines.join('\n')}\n`), []);
    const { entries, gap } = await readListing(session.place, '/where');
    expect(gap).toMatchObject({ kind: 'incomplete', gaps: { lineCount: 2 } });
    expect(entries).toMatchObject([
      { name: 'directory', kind: 'directory', mode: 0o755 },
      { name: 'two words', kind: 'file', sizeBytes: 17 },
      { name: 'link', kind: 'link', linkTarget: '/etc' },
      { name: 'dos directory', kind: 'directory' },
      { name: 'dos.txt', kind: 'file', sizeBytes: 99 },
    ]);
    expect(server.lines.slice(-4, -1)).toEqual(['CWD /where', 'EPSV', 'LIST -a']);
  });

  test.each(['500 What?', '502 Disabled.'])(
    'LIST is tried where MLSD gives %s',
    async (refusal) => {
      const list = sending('LIST', '-rw-r--r-- 1 root root 17 Jan 01  2020 file\r\n');
      const mlsd = saying('MLSD', refusal);
      const script: Script = (...said) => mlsd(...said) ?? list(...said);
      const { session, server } = await stage.connect(script, ['MLST type*;size*;']);
      expect(await namesIn(session, '/')).toEqual(['file']);
      expect(await namesIn(session, '/')).toEqual(['file']);
      expect(server.lines.filter((line) => line.startsWith('MLSD'))).toHaveLength(1);
    },
  );

  test('a missing directory is an error where LIST would be empty', async () => {
    const script: Script = saying('CWD', '550 Failed to change directory.');
    const { session } = await stage.connect(script, []);
    await expect(namesIn(session, '/none')).rejects.toMatchObject({ name: 'Failure', code: 550 });
  });

  test('a name that is not UTF-8 goes back as it came', async () => {
    const octets = Buffer.from('type=file;size=1; gr\u00fc\u00dfe\u00ff\r\n', 'latin1');
    const { session, server } = await stage.connect(sending('MLSD', octets));
    expect(await namesIn(session, '/')).toEqual(['grüßeÿ']);
    await session.place.remove('/grüßeÿ').catch(() => {});
    await session.place.remove('/neu ü').catch(() => {});
    expect(server.lines).toContain('DELE /grüßeÿÿ');
    expect(server.lines).toContain(`DELE /${Buffer.from('neu ü').toString('latin1')}`);
  });

  test('a name is Latin-1 only in the directory whose listing shows it so', async () => {
    const octets = Buffer.from('type=file;size=1; gr\u00fcn\r\n', 'latin1');
    const { session, server } = await stage.connect(sending('MLSD', octets));
    await namesIn(session, '/old');
    await session.place.remove('/old/grün').catch(() => {});
    await session.place.remove('/new/grün').catch(() => {});
    expect(server.lines).toContain('DELE /old/grün');
    expect(server.lines).toContain(`DELE /new/${Buffer.from('grün').toString('latin1')}`);
  });

  test('of two names that only their octets tell apart, one is missing in the listing', async () => {
    const line = (octets: Buffer) => [Buffer.from('type=file; '), octets, Buffer.from('\r\n')];
    const names = [Buffer.from('grün', 'latin1'), Buffer.from('grün')];
    const octets = Buffer.concat(names.flatMap(line));
    const { session, server } = await stage.connect(sending('MLSD', octets));
    const { entries, gap } = await readListing(session.place, '/');
    expect([entries.map(({ name }) => name), gap?.kind]).toEqual([['grün'], 'incomplete']);
    await session.place.remove('/grün').catch(() => {});
    expect(server.lines).toContain('DELE /grün');
  });

  test('lines without an end and endless lines are no entries', async () => {
    const octets = `type=file; ${'x'.repeat(200_000)}\r\ntype=file; kept\r\ntype=file; last`;
    const { session } = await stage.connect(sending('MLSD', octets));
    const { entries, gap } = await readListing(session.place, '/');
    expect(entries.map(({ name }) => name)).toEqual(['kept']);
    expect(gap?.message).toContain('a line without an end');
  });

  test('an endless listing is read no faster than it is looked at, and can be left', async () => {
    let sentBytes = 0;
    const { session } = await stage.connect(async (verb, _argument, control) => {
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
      // Turns of the event loop to read on in, for one that would.
      for (let turn = 0; turn < 2000; turn += 1) await setImmediate();
      break;
    }
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
    await expectAlive(session);
  });

  test('whoever asks for more in the middle of a listing gets it', async () => {
    const line = (at: number) => `type=file;size=${at}; name-${at}\r\n`;
    const lines = Array.from({ length: 30_000 }, (_, at) => line(at)).join('');
    const { session } = await stage.connect(sending('MLSD', lines));
    let count = 0;
    for await (const batch of session.place.list('/')) {
      if (count === 0) await expectAlive(session);
      count += batch.length;
    }
    expect(count).toBe(30_000);
  });
});
