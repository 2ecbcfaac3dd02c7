import { connect } from 'node:net';
import { CommandError } from '../errors/command-error.ts';
import type { AdministrationRequest } from './administration.ts';

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
  const greeting = await firstGreeting(reachable(host), port);
  if (!greeting.startsWith('220 ')) {
    throw new CommandError(`ping ${host}:${port}: the server answered ${greeting}`);
  }
  request.context.stdout.write(`${greeting}\n`);
}

/** A server that listens on all addresses listens on loopback, too; a system may lack one of the families. */
function reachable(host: string): readonly string[] {
  if (host === '0.0.0.0') return ['127.0.0.1'];
  return host === '::' ? ['::1', '127.0.0.1'] : [host];
}

async function firstGreeting(hosts: readonly string[], port: number): Promise<string> {
  const problems: string[] = [];
  for (const host of hosts) {
    try {
      return await greetingOf({ host, port });
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      problems.push(`${host}:${port}: ${REASONS[code] ?? message}`);
    }
  }
  throw new CommandError(`ping ${problems.join('; ')}.`);
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
