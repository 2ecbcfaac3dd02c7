import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { Failure } from '../../errors/failure.ts';
import { loginRefused, shownWords, tunnelFailure } from './proxy-failure.ts';
import type { TunnelRequest } from './tunnel-request.ts';

/** 407 (RFC 9110 §15.5.8); tinyproxy answers a wrong password with 401. */
const LOGIN_REQUIRED: readonly number[] = [401, 407];
/** From here on the proxy would, but cannot. */
const SERVER_ERROR = 500;

/** Has an HTTP proxy connect (CONNECT, RFC 9110 §9.3.6). @throws Failure */
export async function httpHandshake(socket: Socket, request: TunnelRequest): Promise<void> {
  const { response, head } = await connectThrough(socket, request);
  const { statusCode = 0 } = response;
  if (statusCode < 200 || statusCode >= 300) throw refusal(request, response);
  if (head.length > 0) socket.unshift(head);
}

async function connectThrough(
  socket: Socket,
  request: TunnelRequest,
): Promise<{ response: IncomingMessage; head: Buffer }> {
  const authority = authorityOf(request);
  const sent = httpRequest({
    method: 'CONNECT',
    path: authority,
    headers: { Host: authority, ...authorization(request) },
    // Without an agent, which would open a connection of its own.
    createConnection: () => socket,
  });
  sent.end();
  try {
    const [response, , head] = await once(sent, 'connect');
    return { response, head };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const words = code.startsWith('HPE_') ? 'is no HTTP proxy' : 'closed the connection';
    throw tunnelFailure(request.via, words);
  }
}

function authorityOf({ destination: { host, port } }: TunnelRequest): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** RFC 7617. */
function authorization({ credentials }: TunnelRequest): Readonly<Record<string, string>> {
  if (credentials === undefined) return {};
  const { username, password } = credentials;
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { 'Proxy-Authorization': `Basic ${encoded}` };
}

function refusal(request: TunnelRequest, response: IncomingMessage): Failure {
  const { via } = request;
  const { statusCode = 0, statusMessage = '' } = response;
  if (LOGIN_REQUIRED.includes(statusCode)) return loginRefused(via);
  const reason = shownWords(`${statusCode} ${statusMessage}`);
  const isUnable = statusCode >= SERVER_ERROR;
  const verb = isUnable ? 'cannot' : 'refuses to';
  const words = `${verb} connect to ${authorityOf(request)}: ${reason}`;
  return tunnelFailure(via, words, isUnable ? 'transient' : 'lasting');
}
