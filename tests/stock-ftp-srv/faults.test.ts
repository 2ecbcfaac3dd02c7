import { once } from 'node:events';
import { mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { logIn, PASSWORD, type Subject, startMyFtp, startStock } from './subject.ts';

/**
 * The known faults of stock ftp-srv 4.6.3. Each conversation is held with both servers: the stock one
 * must show the fault, so that the test is one, and MyFTP must not.
 *
 * Two more faults concern TLS: AUTH TLS executes plaintext that was pipelined behind it, and each data
 * connection gets a TLS context of its own, so that no session can be resumed. Their tests come with
 * FTPS.
 */
describe('faults of stock ftp-srv', () => {
  let stock: Subject;
  let ours: Subject;

  beforeAll(async () => {
    [stock, ours] = await Promise.all([startStock(), startMyFtp()]);
  });
  afterAll(() => Promise.all([stock.stop(), ours.stop()]));

  type Conversation<Result> = (client: ControlClient, subject: Subject) => Promise<Result>;

  /** Holds the same conversation with both. */
  async function both<Result>(
    conversation: Conversation<Result>,
  ): Promise<{ stock: Result; ours: Result }> {
    return {
      stock: await conversation(await logIn(stock), stock),
      ours: await conversation(await logIn(ours), ours),
    };
  }

  /** By then, the server has read what was sent before on other connections. */
  async function roundTrips(subject: Subject, count = 3): Promise<void> {
    const other = await subject.connect();
    for (let trip = 0; trip < count; trip += 1) await other.command('SYST');
    await other.close();
  }

  const text = async (client: ControlClient, line: string) =>
    (await client.command(line)).lines.join('\n');

  describe('the control connection', () => {
    test('a command that is split over segments becomes two', async () => {
      const outcome = await both(async (client, subject) => {
        client.send('NO');
        await roundTrips(subject);
        client.send('OP\r\n');
        return (await client.reply()).code;
      });
      expect(outcome.stock).toBe(502);
      expect(outcome.ours).toBe(200);
    });

    test('commands of different segments run at the same time', async () => {
      const outcome = await both(async (client, subject) => {
        await writeFile(join(subject.homePath, 'f'), 'x');
        const count = 1000;
        client.send('SIZE f\r\n'.repeat(count));
        const first = await client.reply();
        client.send('SYST\r\n');
        const codes = [first.code];
        while (codes.length <= count) codes.push((await client.reply()).code);
        return codes.indexOf(215) === count ? 'in order' : 'overtaken';
      });
      expect(outcome).toEqual({ stock: 'overtaken', ours: 'in order' });
    });

    test('quotes and flags are cut out of names, and a backslash becomes a slash', async () => {
      const names = ['say "hello"', 'my -a directory', 'back\\slash'];
      const outcome = await both(async (client, { homePath }) => {
        await client.command('MKD names');
        for (const name of names) await client.command(`MKD names/${name}`);
        return (await readdir(join(homePath, 'names'))).sort();
      });
      expect(outcome.stock).toEqual(['back', 'my directory', 'say hello']);
      expect(outcome.ours).toEqual([...names].sort());
    });
  });

  describe('uploads', () => {
    const onDisk = ({ homePath }: Subject, name: string) =>
      readFile(join(homePath, name), 'latin1').catch(() => undefined);

    test('REST and STOR fill what was there with zeros', async () => {
      const outcome = await both(async (client, subject) => {
        await client.store('STOR restart', '0123456789');
        await client.command('REST 5');
        await client.store('STOR restart', 'abc');
        return onDisk(subject, 'restart');
      });
      expect(outcome.stock).toBe('\0\0\0\0\0abc');
      expect(outcome.ours).toBe('01234abc');
    });

    test('a connection that is reset deletes the old file', async () => {
      const outcome = await both(async (client, subject) => {
        await client.store('STOR old', 'the old file');
        await cut(client, subject, 'STOR old');
        return onDisk(subject, 'old');
      });
      expect(outcome.stock).toBeUndefined();
      expect(outcome.ours).toBe('the old file');
    });

    test('and with it what has arrived', async () => {
      const outcome = await both(async (client, subject) => {
        await cut(client, subject, 'STOR new');
        return (await client.command('SIZE new')).code;
      });
      expect(outcome).toEqual({ stock: 550, ours: 213 });
    });

    async function cut(client: ControlClient, subject: Subject, line: string): Promise<void> {
      const data = await client.openData();
      await client.command(line);
      data.write('some octets');
      await roundTrips(subject);
      data.resetAndDestroy();
      await client.reply();
      // Stock ftp-srv removes the file after its reply.
      await roundTrips(subject);
    }
  });

  describe('data connections', () => {
    test('ABOR is not read while data flow', async () => {
      const outcome = await both(async (client, subject) => {
        const file = await open(join(subject.homePath, 'big'), 'w');
        await file.truncate(256 * 1024 ** 2);
        await file.close();
        const data = await client.openData();
        data.pause();
        await client.command('RETR big');
        client.send('ABOR\r\n');
        const reply = client.reply().then(({ code }) => code);
        // MyFTP has to answer, however long a busy machine takes.
        const silence = roundTrips(subject, 20).then(() => 'silence');
        const answer = await (subject === ours ? reply : Promise.race([reply, silence]));
        data.destroy();
        return answer;
      });
      expect(outcome).toEqual({ stock: 'silence', ours: 426 });
    });

    // Those of PORT, too, each 250 ms; but on loopback they come too quickly to show it.
    test('they are waited for by polling', async () => {
      const outcome = await both(async (client, subject) => {
        await writeFile(join(subject.homePath, 'small'), 'x');
        const waitedMs: number[] = [];
        for (let turn = 0; turn < 6; turn += 1) {
          waitedMs.push(await waitingOf(client, subject));
        }
        return Math.min(...waitedMs);
      });
      // A poll each 50 ms, the last of which came just before the connection. The least of some runs
      // does not depend on how busy the machine is.
      expect(outcome.stock).toBeGreaterThan(25);
      expect(outcome.ours).toBeLessThan(25);
    });

    /** How long a small file takes whose data connection comes after its command. */
    async function waitingOf(client: ControlClient, subject: Subject): Promise<number> {
      const { lines } = await client.command('EPSV');
      const port = Number(/\|\|\|(\d+)\|/.exec(lines[0] ?? '')?.[1]);
      client.send('RETR small\r\n');
      await roundTrips(subject, 1);
      const startedMs = performance.now();
      const data = connect({ port, host: client.host }).resume();
      await once(data, 'end');
      const waitedMs = performance.now() - startedMs;
      data.destroy();
      while ((await client.reply()).code === 150);
      return waitedMs;
    }
  });

  describe('files', () => {
    test('symbolic links leave the root', async () => {
      const outcome = await both(async (client, { homePath }) => {
        await writeFile(join(homePath, '..', 'secret'), 'secret');
        await symlink(join(homePath, '..', 'secret'), join(homePath, 'escape'));
        return (await client.retrieve('RETR escape')).data.toString();
      });
      expect(outcome).toEqual({ stock: 'secret', ours: '' });
    });

    test('replies name paths on disk', async () => {
      const outcome = await both(async (client, { homePath }) => {
        const replies = [await text(client, 'MKD told'), await text(client, 'SIZE missing')];
        return replies.map((reply) => reply.includes(homePath));
      });
      expect(outcome).toEqual({ stock: [true, true], ours: [false, false] });
    });

    test('the size of an empty file is a sentence', async () => {
      const outcome = await both(async (client, { homePath }) => {
        await writeFile(join(homePath, 'empty'), '');
        return text(client, 'SIZE empty');
      });
      expect(outcome).toEqual({ stock: '213 File status', ours: '213 0' });
    });

    test('DELE removes directories', async () => {
      const outcome = await both(async (client, { homePath }) => {
        await mkdir(join(homePath, 'directory'));
        return (await client.command('DELE directory')).code;
      });
      expect(outcome).toEqual({ stock: 250, ours: 550 });
    });
  });

  describe('logging in', () => {
    test('passwords are in the log', async () => {
      const outcome = await both(async (_client, subject) =>
        (await subject.logText()).includes(PASSWORD),
      );
      expect(outcome).toEqual({ stock: true, ours: false });
    });

    test('a wrong name cannot be put right', async () => {
      const outcome = await both(async (_client, subject) => {
        const client = await subject.connect();
        await client.command('USER nobody');
        return (await client.command('USER anna')).code;
      });
      expect(outcome).toEqual({ stock: 530, ours: 331 });
    });

    test('guesses never end', async () => {
      const outcome = await both(async (_client, subject) => {
        const client = await subject.connect();
        let guesses = 0;
        while (guesses < 20) {
          client.send(`USER guess-${guesses}\r\n`);
          if ((await client.replyOrEnd()) === undefined) break;
          client.send(`PASS guess-${guesses}\r\n`);
          const answer = await client.replyOrEnd();
          if (answer?.code !== 530) break;
          guesses += 1;
        }
        return guesses;
      });
      expect(outcome).toEqual({ stock: 20, ours: 5 });
    });
  });

  describe('listings and text', () => {
    test('TYPE A is accepted and ignored', async () => {
      const outcome = await both(async (client, { homePath }) => {
        await writeFile(join(homePath, 'lines'), 'a\nb\n');
        await client.command('TYPE A');
        return (await client.retrieve('RETR lines')).data.toString();
      });
      expect(outcome).toEqual({ stock: 'a\nb\n', ours: 'a\r\nb\r\n' });
    });

    test('there is no MLSD', async () => {
      const outcome = await both(async (client) => (await client.retrieve('MLSD')).closing.code);
      expect(outcome).toEqual({ stock: 502, ours: 226 });
    });

    test('each line of a listing is a write of its own', async () => {
      const outcome = await both(async (client, { homePath }) => {
        await mkdir(join(homePath, 'many'));
        for (let count = 0; count < 500; count += 1) {
          await writeFile(join(homePath, 'many', `file-${count}`), '');
        }
        const chunks: number[] = [];
        for (let turn = 0; turn < 8; turn += 1) chunks.push(await chunksOf(client, 'LIST many'));
        return { most: Math.max(...chunks), least: Math.min(...chunks) };
      });
      // A busy client finds several writes in one read, never one write in many.
      expect(outcome.stock.most).toBeGreaterThan(10);
      expect(outcome.ours.least).toBeLessThan(5);
    });

    async function chunksOf(client: ControlClient, line: string): Promise<number> {
      const data = await client.openData();
      let chunks = 0;
      data.on('data', () => {
        chunks += 1;
      });
      const ended = once(data, 'end');
      await client.command(line);
      await ended;
      await client.reply();
      return chunks;
    }
  });
});
