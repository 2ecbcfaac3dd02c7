import { Failure } from '../../errors/failure.ts';
import type { Site } from '../../sites/site.ts';
import { failureForReply } from '../remote-failure.ts';
import type { ControlConnection } from './control-connection.ts';
import { firstLine } from './first-line.ts';
import { foreignPort, foreignServer } from './foreign-greeting.ts';
import type { Endpoint } from './open-socket.ts';
import { speaksTls } from './probe-port.ts';
import { isRefusal, type Reply } from './reply.ts';

/** Silence after which a server may be waiting for TLS. */
const SILENCE_MS = 5000;
const PROBE_MS = 5000;

/**
 * Waits for the reply 220.
 *
 * @throws Failure that names what else is on the port: another server at its first line, implicit TLS after some
 * seconds of silence.
 */
export async function waitForGreeting(
  control: ControlConnection,
  address: Pick<Site, 'tls'> & Endpoint,
  signal?: AbortSignal,
): Promise<Reply> {
  const { line, received } = firstLine(control.socket);
  const ended = new AbortController();
  const isSilent = () => received() === '' && !control.isLost;
  try {
    const reply = await Promise.race([
      ftpReply(control.finalReply({ signal }), line, address),
      foreignLine(line, address),
      ...(address.tls === 'implicit' ? [] : [silence(address, isSilent, ended.signal)]),
    ]);
    if (isRefusal(reply)) throw failureForReply(reply, 'The server turns clients away');
    return reply;
  } finally {
    ended.abort();
  }
}

/** A mail server greets with 220, too: the line is looked at before the reply counts. */
async function ftpReply(
  reply: Promise<Reply>,
  line: Promise<string>,
  endpoint: Endpoint,
): Promise<Reply> {
  const found = await reply;
  refuseForeign(await line, endpoint);
  return found;
}

async function foreignLine(line: Promise<string>, endpoint: Endpoint): Promise<never> {
  refuseForeign(await line, endpoint);
  return forever();
}

function refuseForeign(line: string, { port, via }: Endpoint): void {
  const server = foreignServer(line);
  if (server !== undefined) throw foreignPort({ port, server, line, via });
}

/** Rejects once the port is known to be for implicit TLS. */
async function silence(
  { host, port, via }: Endpoint,
  isSilent: () => boolean,
  ended: AbortSignal,
): Promise<never> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, SILENCE_MS);
    ended.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
  if (!isSilent()) return forever();
  const limit = AbortSignal.any([ended, AbortSignal.timeout(PROBE_MS)]);
  if (!(await speaksTls({ host, port, via, name: host }, limit)) || !isSilent()) return forever();
  throw new Failure(
    'protocol',
    `Port ${port} does not greet, but answers TLS: it is for implicit TLS. Use ftps://${host}:${port}/.`,
  );
}

function forever(): Promise<never> {
  return new Promise<never>(() => {});
}
