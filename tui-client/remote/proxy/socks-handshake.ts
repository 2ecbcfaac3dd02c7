import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SocksClient } from 'socks';
import type { Failure } from '../../errors/failure.ts';
import { loginRefused, tunnelFailure } from './proxy-failure.ts';
import type { TunnelRequest } from './tunnel-request.ts';

const SOCKS_VERSION = 5;

/** The replies of a proxy (RFC 1928 §6), as the library names them. */
const REPLY_WORDS: Readonly<Record<string, string>> = {
  NetworkUnreachable: 'the network cannot be reached',
  HostUnreachable: 'the host cannot be reached',
  ConnectionRefused: 'nothing listens there',
  TTLExpired: 'no answer',
};

/** Has a SOCKS5 proxy connect (RFC 1928, RFC 1929). @throws Failure */
export async function socksHandshake(socket: Socket, request: TunnelRequest): Promise<void> {
  const { via, destination, credentials } = request;
  const { host, port } = via.proxy;
  const login = credentials && { userId: credentials.username, password: credentials.password };
  try {
    await SocksClient.createConnection({
      proxy: { host, port, type: SOCKS_VERSION, ...login },
      command: 'connect',
      destination: { host: destination.host, port: destination.port },
      existing_socket: socket,
    });
  } catch (error) {
    // The library's error has the password among its options.
    throw failureFor(request, (error as Error).message);
  }
  await keepUnread(socket);
}

/** The library emits what the host has already sent in the next turn, and lets the socket flow: FTP servers greet first. */
async function keepUnread(socket: Socket): Promise<void> {
  const unread: Buffer[] = [];
  const keep = (octets: Buffer) => void unread.push(octets);
  socket.on('data', keep);
  await nextTurn();
  socket.pause().off('data', keep);
  if (unread.length > 0) socket.unshift(Buffer.concat(unread));
}

function failureFor({ via, destination }: TunnelRequest, message: string): Failure {
  if (/authentication/i.test(message)) return loginRefused(via);
  const target = `${destination.host}:${destination.port}`;
  const [, reply] = /rejected connection - (\w+)/.exec(message) ?? [];
  if (reply === 'NotAllowed') {
    return tunnelFailure(via, `refuses to connect to ${target}`, 'lasting');
  }
  if (reply !== undefined) {
    const words = REPLY_WORDS[reply];
    return tunnelFailure(via, `cannot connect to ${target}${words ? `: ${words}` : ''}`);
  }
  return tunnelFailure(
    via,
    /invalid/i.test(message) ? 'is no SOCKS5 proxy' : 'closed the connection',
  );
}
