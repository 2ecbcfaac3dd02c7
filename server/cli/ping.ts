import { connect } from 'node:net';
import type { AdministrationRequest } from './administration.ts';
import { CommandError } from './command-context.ts';

const PING_TIMEOUT_MS = 5000;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server listens there',
  ENOTFOUND: 'the name is unknown',
  ETIMEDOUT: `no greeting within ${PING_TIMEOUT_MS / 1000} seconds`,
};

/**
 * `myftp-server ping`: connects to the configured address and waits for the greeting.
 *
 * @throws CommandError if the server does not greet with 220.
 */
export async function ping(
  request: Pick<AdministrationRequest, 'context' | 'settings'>,
): Promise<void> {
  const { host, port } = request.settings;
  if (port === 0)
    throw new CommandError('ping: --port 0 leaves the port to the system. Name the port.');
  const address = { host: reachable(host), port };
  const greeting = await greetingOf(address).catch((error: NodeJS.ErrnoException) => {
    const { code = '', message } = error;
    throw new CommandError(`ping ${address.host}:${port}: ${REASONS[code] ?? message}.`);
  });
  if (!greeting.startsWith('220 ')) {
    throw new CommandError(`ping ${address.host}:${port}: the server answered ${greeting}`);
  }
  request.context.stdout.write(`${greeting}\n`);
}

/** A server that listens on all addresses listens on loopback, too. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? 'localhost' : host;
}

/** The first line that the server sends, or "nothing" if it closes the connection before. */
async function greetingOf(address: { host: string; port: number }): Promise<string> {
  const socket = connect(address).setEncoding('utf8');
  socket.setTimeout(PING_TIMEOUT_MS, () =>
    socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })),
  );
  let received = '';
  for await (const text of socket.iterator({ destroyOnReturn: false })) {
    received += text;
    if (received.includes('\n')) break;
  }
  socket.on('error', () => {}).end('QUIT\r\n');
  socket.resume().unref();
  const [greeting = ''] = received.split(/\r?\n/);
  return greeting === '' ? 'nothing' : greeting;
}
