import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Reply } from '../connection/reply.ts';
import { BASIC_FTP_VERSION, ReplyContext } from './reply-context.ts';
import { parseUnixLine } from './unix-line.ts';

const require = createRequire(import.meta.url);

/** Remembers what arrives. */
class Remembering extends ReplyContext {
  readonly replies: Reply[] = [];
  readonly errors: Error[] = [];
  endlessLines = 0;
  #onArrival: () => void = () => {};

  protected override onReply(reply: Reply): void {
    this.replies.push(reply);
    this.#onArrival();
  }

  protected override onBroken(error: Error): void {
    this.errors.push(error);
    this.#onArrival();
  }

  protected override onEndlessLine(): void {
    this.endlessLines += 1;
    this.#onArrival();
  }

  get isInLine(): boolean {
    return this.hasUnfinishedLine;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#onArrival = resolve;
      });
    }
  }
}

let listener: Server;
let context: Remembering;
let peer: Socket;

beforeEach(async () => {
  listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = once(listener, 'connection');
  const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  [peer] = (await accepted) as [Socket];
  peer.setNoDelay(true).on('error', () => {});
  if (socket.connecting) await once(socket, 'connect');
  context = new Remembering();
  context.socket = socket;
});
afterEach(() => {
  context.close();
  peer.destroy();
  listener.close();
});

/** Sends parts so that each arrives on its own. */
async function sendApart(...parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    const arrived = once(context.socket, 'data');
    peer.write(part);
    await arrived;
  }
}

describe('basic-ftp', () => {
  test('is the version that MyFTP was written for, and pinned to it', () => {
    const installed = require('basic-ftp/package.json') as { version: string };
    const own = require('../../../package.json') as { devDependencies: Record<string, string> };
    expect(installed.version).toBe(BASIC_FTP_VERSION);
    expect(own.devDependencies['basic-ftp']).toBe(BASIC_FTP_VERSION);
  });

  test('hands out every reply in order, asked for or not, refusals with their codes', async () => {
    peer.write('220 Ready.\r\n331 Password?\r\n530 No.\r\n150 Here.\r\n226 Done.\r\n');
    await context.until(() => context.replies.length === 5);
    expect(context.replies.map(({ code }) => code)).toEqual([220, 331, 530, 150, 226]);
    expect(context.replies[2]).toEqual({ code: 530, text: '530 No.' });
    expect(context.errors).toEqual([]);
  });

  test('keeps the lines of a reply together, with LF between them', async () => {
    await sendApart('211-Features\r\n', ' UTF8\r\n 211 is no end\r\n', '211 End\r\n');
    expect(context.replies).toEqual([
      { code: 211, text: '211-Features\n UTF8\n 211 is no end\n211 End' },
    ]);
  });

  test('gets whole lines, however they arrive', async () => {
    await sendApart('2', '20 Rea');
    expect([context.replies, context.isInLine]).toEqual([[], true]);
    await sendApart('dy.\r', '\n230-Wel', 'come\r\n23', '0 In.\r\n');
    expect(context.replies.map(({ text }) => text)).toEqual(['220 Ready.', '230-Welcome\n230 In.']);
    expect(context.isInLine).toBe(false);
  });

  test('decodes UTF-8 across chunks', async () => {
    const octets = Buffer.from('257 "/ü" is here.\r\n');
    const cut = octets.indexOf(0xbc);
    peer.write(octets.subarray(0, cut));
    await once(context.socket, 'data');
    peer.write(octets.subarray(cut));
    await context.until(() => context.replies.length === 1);
    expect(context.replies[0]?.text).toBe('257 "/ü" is here.');
  });

  test('gives up a line that does not end', async () => {
    peer.write('x'.repeat(200_000));
    await context.until(() => context.endlessLines > 0);
    expect(context.replies).toEqual([]);
  });

  test.each([
    ['an end in order', () => peer.end()],
    ['a reset', () => peer.resetAndDestroy()],
  ])('tells of %s once', async (_name, end) => {
    end();
    await context.until(() => context.errors.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(context.errors).toHaveLength(1);
    expect(context.replies).toEqual([]);
  });

  test('says QUIT and closes the socket when it is closed', async () => {
    const said = once(peer, 'data');
    const ended = once(peer, 'end');
    context.closeWithError(new Error('no longer wanted'));
    expect(String((await said)[0])).toBe('QUIT\r\n');
    await ended;
    expect(context.errors.map(({ message }) => message)).toEqual(['no longer wanted']);
    expect(context.socket.destroyed).toBe(true);
  });

  test('stops listening to a socket that TLS is laid over', () => {
    const { socket } = context;
    // The same local port: an upgrade, as TLS over it is.
    const upgraded = connect({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1' });
    upgraded.on('error', () => {});
    Object.defineProperty(upgraded, 'localPort', { value: socket.localPort });
    context.socket = upgraded;
    expect(socket.listenerCount('data')).toBe(0);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test('is refused at once if it reads in another way', () => {
    const silent = new Socket();
    // As if a version no longer listened for data.
    silent.listeners = () => [];
    expect(() => {
      context.socket = silent;
    }).toThrow(`basic-ftp does not behave as version ${BASIC_FTP_VERSION} does`);
  });
});

describe('basic-ftp reads a line of ls -l', () => {
  const DATE = 'Mar 02 14:11';

  test('with all that it says', () => {
    expect(parseUnixLine(`-rwxr-x--- 1 anna staff 4096 ${DATE}  two  blanks `)).toEqual({
      name: ' two  blanks ',
      kind: 'file',
      sizeBytes: 4096,
      date: DATE,
      owner: 'anna',
      mode: 0o750,
    });
  });

  test('that leads elsewhere', () => {
    const link = parseUnixLine(`lrwxrwxrwx 1 anna staff 3 ${DATE} here -> there`);
    expect(link).toMatchObject({ kind: 'link', name: 'here', linkTarget: 'there' });
  });

  test.each(['.', '..'])('of %s as no entry', (name) => {
    expect(parseUnixLine(`drwxr-xr-x 2 anna staff 4096 ${DATE} ${name}`)).toBe('itself');
  });

  test.each(['total 12', '03-02-26  02:11PM  <DIR>  name', '-rw-r--r-- ?', ''])(
    'and no other line: %j',
    (line) => {
      expect(parseUnixLine(line)).toBeUndefined();
    },
  );
});
