/** What is said at once when something else than the expected server is on the port. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { failureForError } from './remote-failure.ts';
import { connectAnna } from './testing/test-site.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Gives the port of a server that does this with each connection. */
async function serve(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const greeting = (text: string) => serve(createServer((socket) => void socket.write(text)));

const PAGE =
  'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>Blocked by proxy</html>\r\n';

test.each([
  ['SSH-2.0-OpenSSH_9.9\r\n', 'an SSH server (SFTP is another protocol)'],
  [PAGE, 'a web server'],
  ['<html><body>Blocked</body></html>\n', 'a web server'],
  ['* OK IMAP ready\r\n', 'an IMAP server'],
  ['220 mail.example.org ESMTP\r\n', 'a mail server (SMTP)'],
])('%j is named, whatever TLS was wanted', async (text, name) => {
  const port = await greeting(text);
  for (const tls of ['explicit', 'none', 'implicit'] as const) {
    await expect(connectAnna(port, { tls })).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining(`Port ${port} is ${name}`),
    });
  }
});

test('implicit TLS to a port in clear names the URL for explicit TLS', async () => {
  const port = await greeting('220 Welcome.\r\n');
  await expect(connectAnna(port, { tls: 'implicit' })).rejects.toMatchObject({
    kind: 'trust',
    message: `Port ${port} is not for implicit TLS: the server greets in clear. For explicit TLS use ftp://127.0.0.1:${port}/.`,
  });
});

test('a port that waits for TLS is named after some seconds', async () => {
  const made = await generate([{ name: 'commonName', value: 'x' }], { keyType: 'ec' });
  const port = await serve(createTlsServer({ key: made.private, cert: made.cert }));
  await expect(connectAnna(port, { tls: 'explicit' })).rejects.toMatchObject({
    message: expect.stringContaining(`Use ftps://127.0.0.1:${port}/.`),
  });
});

test('a server that greets late is waited for', async () => {
  let silent: Socket | undefined;
  const port = await serve(
    createServer((socket) => {
      if (silent === undefined) {
        silent = socket;
        return;
      }
      // The client asks on a second connection whether the port waits for TLS.
      socket.destroy();
      silent.end('421 Late.\r\n');
    }),
  );
  await expect(connectAnna(port)).rejects.toMatchObject({ code: 421 });
});

test.each([
  [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'does not speak TLS'],
  [{ code: 'ERR_SSL_BAD_SIGNATURE' }, 'TLS: bad signature'],
  [{}, 'TLS: wrong version number'],
])('no text of OpenSSL with files of its sources is shown: %j', (facts, words) => {
  const text =
    '80EB:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/record.c:354:';
  const { message } = failureForError(Object.assign(new Error(text), facts), 'No TLS');
  expect(message).toContain(words);
  expect(message).not.toContain('.c:');
});
