import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Failure } from '../../errors/failure.ts';
import { proxyUrl } from '../../sites/proxy.ts';
import type { Site } from '../../sites/site.ts';
import { failureForReply, isFailure } from '../remote-failure.ts';
import { requireTrust, serverName, type Trust } from './certificate-trust.ts';
import { ControlConnection } from './control-connection.ts';
import { foreignPort, foreignServer } from './foreign-greeting.ts';
import { waitForGreeting } from './greeting.ts';
import type { NameEncoding } from './name-encoding.ts';
import { type Endpoint, openSocket } from './open-socket.ts';
import { clearGreeting } from './probe-port.ts';
import type { RedactedLog } from './redacted-log.ts';
import { isRefusal } from './reply.ts';
import { waitForEvent } from './socket-event.ts';
import { takesAhead } from './takes-ahead.ts';

const HANDSHAKE_TIMEOUT_MS = 20_000;
/** For a second connection that looks what is on the port. */
const PROBE_MS = 3000;
/** A connection behind a router is forgotten by it if nothing passes. */
const KEEP_ALIVE_MS = 20_000;

export interface DialOptions extends Trust {
  readonly log: RedactedLog;
  readonly names: NameEncoding;
  readonly signal?: AbortSignal | undefined;
}

type Address = Pick<Site, 'host' | 'port' | 'tls'> & Pick<Endpoint, 'via'>;

/** A control connection that has been greeted and, unless TLS is off, is encrypted and trusted. */
export async function dial(address: Address, options: DialOptions): Promise<ControlConnection> {
  const { signal, log, names } = options;
  if (address.via !== undefined) log.note(`Connecting through ${proxyUrl(address.via.proxy)}`);
  const raw = await openSocket(address, signal);
  const control = new ControlConnection({ log, names });
  control.via = address.via;
  try {
    if (address.tls === 'implicit') await encryptAtOnce(control, raw, { address, options });
    else control.socket = raw;
    // A proxy's tunnel is paused.
    control.socket.resume();
    control.takesAhead = takesAhead(await waitForGreeting(control, address, signal));
    if (address.tls === 'explicit') {
      await requestTls(control, signal);
      await encrypt(control, raw, { address, options });
    }
    raw.on('error', () => {}).setKeepAlive(true, KEEP_ALIVE_MS);
    return control;
  } catch (error) {
    control.close();
    raw.destroy();
    signal?.throwIfAborted();
    throw error;
  }
}

/** Implicit TLS. What greets in clear on that port is named. */
async function encryptAtOnce(
  control: ControlConnection,
  raw: Socket,
  { address, options }: { address: Address; options: DialOptions },
): Promise<void> {
  try {
    await encrypt(control, raw, { address, options });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isFailure(error) || error.kind !== 'network') throw error;
    const line = await clearGreeting(address, AbortSignal.timeout(PROBE_MS));
    if (line === '') throw error;
    throw clearServer(address, line);
  }
}

function clearServer({ host, port, via }: Address, line: string): Failure {
  const foreign = foreignServer(line);
  if (foreign !== undefined) return foreignPort({ port, server: foreign, line, via });
  return new Failure(
    'trust',
    `Port ${port} is not for implicit TLS: the server greets in clear. For explicit TLS use ftp://${host}:${port}/.`,
  );
}

/** AUTH TLS (RFC 4217 §4). @throws Failure of kind `trust` if the server refuses. */
export async function requestTls(control: ControlConnection, signal?: AbortSignal): Promise<void> {
  const reply = await control.ask('AUTH TLS', { signal });
  if (isRefusal(reply)) {
    const { message, code } = failureForReply(reply, 'The server offers no TLS');
    throw new Failure('trust', message, code === undefined ? {} : { code });
  }
  if (control.hasUnread) {
    throw new Failure('trust', 'Text in clear was injected before the encryption began.');
  }
}

/** Lays TLS over a connection and asks for trust in the certificate. */
export async function encrypt(
  control: ControlConnection,
  raw: Socket,
  { address, options }: { address: Address; options: DialOptions },
): Promise<void> {
  const { host } = address;
  // What is wrong with the certificate is looked at here, before anything secret is sent.
  const tlsOptions = { host, servername: serverName(host), rejectUnauthorized: false };
  raw.removeAllListeners('data');
  const secured = connectTls({ ...tlsOptions, socket: raw });
  // It may break while the user looks at the certificate.
  secured.on('error', () => {});
  let session: Buffer | undefined;
  secured.on('session', (next) => {
    session = next;
  });
  const purpose = `No TLS with ${host}:${address.port}`;
  const { signal } = options;
  await waitForEvent(secured, 'secureConnect', {
    purpose,
    timeoutMs: HANDSHAKE_TIMEOUT_MS,
    signal,
  });
  const fingerprint256 = await requireTrust(secured, address, options);
  if (secured.destroyed) throw new Failure('network', 'The server has not waited.', TRANSIENT);
  control.socket = secured;
  control.fingerprint256 = fingerprint256;
  control.tlsProtocol = secured.getProtocol() ?? undefined;
  control.tlsOptions = tlsOptions;
  control.tlsSessionStore = session ?? secured.getSession();
}

const TRANSIENT = { isTransient: true } as const;
