import { afterEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { freePort } from '../../server/testing/free-range.ts';
import { expectAlive, Stage, saying, sending } from './testing/stage.ts';
import { connectAnna, endlessSource, Gathered, namesIn } from './testing/test-site.ts';

const stage = new Stage();

async function identity(): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: 'commonName', value: 'x' }], { keyType: 'ec' });
  return { key: made.private, cert: made.cert };
}

afterEach(() => stage.clear());

describe('control connections of a server that lies', () => {
  test('a reply may come octet by octet', async () => {
    const { session } = await stage.connect(async (verb, _argument, control) => {
      if (verb !== 'PWD') return undefined;
      control.socket.setNoDelay(true);
      for (const octet of '257-Here\r\n25\r\n257 "/a""b" it is\r\n') {
        control.socket.write(octet);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return true;
    });
    expect(await session.workingDirectory()).toBe('/a"b');
    await expectAlive(session);
  });

  test('quotes in a working directory are undone', async () => {
    const { session } = await stage.connect(saying('PWD', '257 "/a""b "" c" is "current".'));
    expect(await session.workingDirectory()).toBe('/a"b " c');
  });

  test.each([
    ['a line without an end', 'x'.repeat(200_000)],
    ['a reply without an end', `257-${'x\r\n'.repeat(100_000)}`],
  ])('%s is not gathered for ever', async (_title, text) => {
    const { session } = await stage.connect((verb, _argument, control) =>
      verb === 'SITE' ? control.socket.write(text) : undefined,
    );
    const attempt = session.command('SITE WHAT');
    await expect(attempt).rejects.toMatchObject({ kind: 'network' });
    await expectAlive(session);
  });

  test('replies that nobody has asked for are no answers', async () => {
    const { session } = await stage.connect((verb, _argument, control) => {
      if (verb !== 'TYPE') return undefined;
      control.say('200 Fine.', '250 And something else.', '550 And more.');
      return true;
    });
    await expectAlive(session);
  });

  test('a write is repeated only if the server has said that it did not do it', async () => {
    let tries = 0;
    const { session } = await stage.connect((verb, argument, control) => {
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
    const { session } = await stage.connect(async (verb, _argument, control) => {
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
    const server = await stage.serve(saying('PASS', reply));
    await expect(connectAnna(server.port)).rejects.toMatchObject({ name: 'Failure', kind });
  });

  test('where nobody listens is no connection', async () => {
    const attempt = connectAnna(await freePort());
    await expect(attempt).rejects.toMatchObject({ kind: 'network', isTransient: true });
  });

  test('TLS that is not offered is no reason to go on in clear', async () => {
    const server = await stage.serve(() => undefined);
    const attempt = connectAnna(server.port, { tls: 'explicit' });
    await expect(attempt).rejects.toMatchObject({ kind: 'trust' });
    expect(server.lines.filter((line) => !/^(AUTH|QUIT)/.test(line))).toEqual([]);
  });

  test('a data connection with another certificate than the server carries nothing', async () => {
    const [control, data] = await Promise.all([identity(), identity()]);
    const server = await stage.serve(sending('RETR', 'octets'), { identities: { control, data } });
    const session = await stage.connectTo(server, { tls: 'implicit' });
    const gathered = new Gathered();
    const download = session.download('/file', { sink: gathered.sink });
    await expect(download).rejects.toMatchObject({ kind: 'trust' });
    expect(gathered.octets.length).toBe(0);
    const source = endlessSource();
    await expect(session.upload('/file', { source })).rejects.toMatchObject({ name: 'Failure' });
    expect(source.given).toBe(0);
  });

  test('text that is put in before the encryption is a failure', async () => {
    const server = await stage.serve(saying('AUTH', '234 Go.', '331 Password in clear?'));
    const attempt = connectAnna(server.port, { tls: 'explicit' });
    await expect(attempt).rejects.toMatchObject({ kind: 'trust' });
  });

  test('nothing secret is in the log or in a failure, whatever the server says', async () => {
    const log: string[] = [];
    const server = await stage.serve((verb, argument, control) => {
      if (verb === 'PASS') control.say(`230 Welcome with ${argument}!`);
      else if (verb === 'SITE') control.say(`550 Not with correct horse, ${argument}.`);
      else return undefined;
      return true;
    });
    const session = await stage.connectTo(server, { log: (line) => log.push(line) });
    const failure = await session.changePassword('correct horse', 'battery staple').catch(String);
    expect(server.lines).toContain('PASS correct horse');
    expect(log).toContain('> PASS ****');
    expect(`${log.join('\n')} ${failure}`).not.toMatch(/correct horse|battery/);
  });
});
