import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../../server/testing/free-range.ts';
import type { ProxyServer } from '../../sites/proxy.ts';
import { connectSite } from '../connection/connect-site.ts';
import { ConnectProxy } from '../testing/connect-proxy.ts';
import { Stage, saying } from '../testing/stage.ts';
import { connectAnna, namesIn, PASSWORD, siteAt } from '../testing/test-site.ts';
import { openTunnel } from './open-tunnel.ts';
import { ProxyLogin } from './proxy-login.ts';

const DESTINATION = { host: 'ftp.example.test', port: 21 };
const CHOSEN_NO_LOGIN = Buffer.from([5, 0]);
const CHOSEN_PASSWORD = Buffer.from([5, 2]);
const GRANTED = socksReply(0);

const closing: (() => unknown)[] = [];
const stage = new Stage();

afterEach(async () => {
  await stage.clear();
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server that answers the first octets that it receives, and the next, with one of these each. */
async function proxyAnswering(
  kind: ProxyServer['kind'],
  answers: readonly (Buffer | string | ((socket: Socket, octets: Buffer) => void))[],
): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    const left = [...answers];
    socket.on('data', (octets) => {
      const answer = left.shift();
      if (typeof answer === 'function') answer(socket, octets);
      else if (answer !== undefined) socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { kind, host: '127.0.0.1', port, username: undefined };
}

function socksReply(code: number): Buffer {
  return Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}

const withoutLogin = (proxy: ProxyServer) => new ProxyLogin(proxy, async () => '');

test('a proxy that cannot be reached is named', async () => {
  const port = await freePort();
  const proxy: ProxyServer = { kind: 'socks5', host: '127.0.0.1', port, username: undefined };
  await expect(openTunnel(withoutLogin(proxy), DESTINATION)).rejects.toMatchObject({
    kind: 'network',
    isOfProxy: true,
    message: `The proxy socks5://127.0.0.1:${port} cannot be reached: nothing listens there.`,
  });
});

test.each([
  [socksReply(1), 'cannot connect to ftp.example.test:21'],
  [socksReply(2), 'refuses to connect to ftp.example.test:21'],
  [socksReply(3), 'cannot connect to ftp.example.test:21: the network cannot be reached'],
  [socksReply(4), 'cannot connect to ftp.example.test:21: the host cannot be reached'],
  [socksReply(5), 'cannot connect to ftp.example.test:21: nothing listens there'],
  [socksReply(6), 'cannot connect to ftp.example.test:21: no answer'],
  [(socket: Socket) => socket.end(), 'closed the connection'],
] as const)('a SOCKS5 proxy that answers %j', async (answer, words) => {
  const proxy = await proxyAnswering('socks5', [CHOSEN_NO_LOGIN, answer]);
  await expect(openTunnel(withoutLogin(proxy), DESTINATION)).rejects.toMatchObject({
    kind: 'network',
    message: `The proxy socks5://127.0.0.1:${proxy.port} ${words}.`,
  });
});

test.each([
  [
    'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
    'login',
    'wants a user and a password: name the user, as in http://USER@…',
  ],
  [
    'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>No.</html>',
    'network',
    'refuses to connect to ftp.example.test:21: 403 Forbidden',
  ],
  [
    'HTTP/1.1 503 Unavailable\r\n\r\n',
    'network',
    'cannot connect to ftp.example.test:21: 503 Unavailable',
  ],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'network', 'is no HTTP proxy'],
  [(socket: Socket) => void socket.end(), 'network', 'closed the connection'],
] as const)('an HTTP proxy that answers %j', async (answer, kind, words) => {
  const proxy = await proxyAnswering('http', [answer]);
  await expect(openTunnel(withoutLogin(proxy), DESTINATION)).rejects.toMatchObject({
    kind,
    message: `The proxy http://127.0.0.1:${proxy.port} ${words}.`,
  });
});

test('what does not speak SOCKS5 is told as such', async () => {
  const proxy = await proxyAnswering('socks5', ['HTTP/1.1 400 Bad Request\r\n\r\n']);
  await expect(openTunnel(withoutLogin(proxy), DESTINATION)).rejects.toMatchObject({
    message: `The proxy socks5://127.0.0.1:${proxy.port} is no SOCKS5 proxy.`,
  });
});

test('a password that is refused is in no part of the failure, and asked for again', async () => {
  const refused = Buffer.from([1, 1]);
  const proxy = await proxyAnswering('socks5', [CHOSEN_PASSWORD, refused]);
  const passwords = ['first secret', 'second secret'];
  const login = new ProxyLogin({ ...proxy, username: 'anna' }, async () => passwords.shift() ?? '');
  const failure = await openTunnel(login, DESTINATION).catch((error: unknown) => error as Error);
  expect((failure as Error).message).toBe(
    `The proxy socks5://anna@127.0.0.1:${proxy.port} refuses the user or the password.`,
  );
  expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('secret');
  await openTunnel(login, DESTINATION).catch(() => {});
  expect(passwords).toEqual([]);
});

test('waiting for a proxy ends when it is not wanted any longer', async () => {
  const stop = new AbortController();
  const proxy = await proxyAnswering('socks5', [() => stop.abort(new Error('enough'))]);
  await expect(openTunnel(withoutLogin(proxy), DESTINATION, stop.signal)).rejects.toThrow('enough');
});

test('the proxy looks the name up, and the greeting may come together with its reply', async () => {
  const server = await stage.serve(() => undefined);
  const asked: string[] = [];
  const proxy = await proxyAnswering('socks5', [
    CHOSEN_NO_LOGIN,
    (socket, request) => {
      asked.push(request.subarray(5, -2).toString());
      const target = connect(server.port, '127.0.0.1');
      target.on('error', () => {});
      target.once('data', (greeting) => {
        socket.write(Buffer.concat([GRANTED, greeting]));
        target.pipe(socket);
        socket.pipe(target);
      });
    },
  ]);
  const site = { ...siteAt(server.port), host: 'ftp.example.test' };
  const session = await connectSite(site, {
    password: async () => PASSWORD,
    trust: async () => 'once',
    via: withoutLogin(proxy),
  });
  await session.close();
  expect(asked).toEqual(['ftp.example.test']);
});

test('a page instead of a greeting is told together with the proxy', async () => {
  const page = 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n';
  const proxy = await proxyAnswering('http', [page]);
  await expect(connectAnna(21, { via: withoutLogin(proxy) })).rejects.toMatchObject({
    kind: 'protocol',
    message: `Port 21 is a web server: it greets with "HTTP/1.1 302 Found". The proxy http://127.0.0.1:${proxy.port} is between, and may have sent this.`,
  });
});

test('data connections go to the passive host of the site, through the proxy', async () => {
  const server = await stage.serve((verb, argument, control) =>
    verb === 'MLSD'
      ? control.sendData('type=file;size=1; here\r\n').then(() => true)
      : saying('PWD', '257 "/"')(verb, argument, control),
  );
  const proxy = await ConnectProxy.start();
  closing.push(() => proxy.close());
  const site = {
    ...siteAt(server.port),
    host: 'ftp.example.test',
    passiveHost: 'data.example.test',
  };
  const session = await connectSite(site, {
    password: async () => PASSWORD,
    trust: async () => 'once',
    via: withoutLogin(proxy.server),
  });
  expect(await namesIn(session, '/')).toEqual(['here']);
  await session.close();
  expect(proxy.hosts).toEqual(['ftp.example.test', 'data.example.test']);
});
