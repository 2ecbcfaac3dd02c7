import type { TLSSocket } from 'node:tls';
import type { ControlConnection } from '../remote/connection/control-connection.ts';
import { encrypt, requestTls } from '../remote/connection/dial.ts';
import { foreignServer } from '../remote/connection/foreign-greeting.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { clearGreeting } from './other-protocol.ts';
import type { Visit } from './visit.ts';

const OFFER_TLS =
  'Let the server offer TLS (--tls optional or required, with --tls-cert for a certificate of an authority).';

/** Encrypts the control connection: by AUTH TLS, or at once. */
export async function checkTls(visit: Visit): Promise<readonly Finding[]> {
  switch (visit.site.tls) {
    case 'explicit':
      return explicitTls(visit);
    case 'implicit':
      return implicitTls(visit);
    case 'none':
      return [withoutTls(visit)];
  }
}

/** The user has said that secrets may go in clear. */
function withoutTls(visit: Visit): Finding {
  visit.maySendSecrets = true;
  return warning('tls', {
    text: 'Not checked, because of --plain: passwords and files are sent in clear.',
    remedy: 'Leave --plain out to check TLS.',
  });
}

async function explicitTls(visit: Visit): Promise<readonly Finding[]> {
  const { control, socket } = visit;
  if (control === undefined || socket === undefined) return [];
  try {
    await requestTls(control, visit.timeLimit());
  } catch (error) {
    const { message } = visit.failure(error);
    return [
      problem('tls', 'trust', { text: `${message}.`.replace(/\.\.$/, '.'), remedy: OFFER_TLS }),
    ];
  }
  return handshake(visit, control);
}

async function implicitTls(visit: Visit): Promise<readonly Finding[]> {
  const control = visit.newControl();
  visit.control = control;
  return handshake(visit, control);
}

async function handshake(visit: Visit, control: ControlConnection): Promise<readonly Finding[]> {
  const { socket, site } = visit;
  if (socket === undefined) return [];
  const startedMs = performance.now();
  try {
    await encrypt(control, socket, {
      address: site,
      options: {
        // The certificate is judged by the next check; nothing secret is sent before.
        trust: async () => 'once',
        log: visit.log,
        names: control.names,
        signal: visit.timeLimit(),
      },
    });
  } catch (error) {
    const { message } = visit.failure(error);
    visit.control = undefined;
    socket.destroy();
    return [await failedHandshake(visit, message)];
  }
  const secured = control.socket as TLSSocket;
  const { standardName: cipher } = secured.getCipher();
  const protocol = secured.getProtocol() ?? 'TLS';
  const ms = Math.round(performance.now() - startedMs);
  const way = site.tls === 'implicit' ? 'Implicit TLS' : 'AUTH TLS';
  return [ok('tls', `${way}: ${protocol}, ${cipher} (${ms} ms).`, { protocol, cipher, ms })];
}

async function failedHandshake(visit: Visit, message: string): Promise<Finding> {
  const { site } = visit;
  if (site.tls === 'implicit') {
    const greeting = await clearGreeting(visit);
    if (greeting !== '') {
      const { host, port } = site;
      const server = foreignServer(greeting) ?? 'an FTP server without implicit TLS';
      return problem('tls', 'trust', {
        text: `Port ${port} is ${server}: it greets in clear with "${greeting}".`,
        remedy: `Use ftp://${host}:${port}/ for explicit TLS, or the port for implicit TLS.`,
        facts: { greeting },
      });
    }
  }
  return problem('tls', 'trust', {
    text: `The TLS handshake failed: ${message}.`,
    remedy: 'The server needs TLS 1.2 or 1.3 and a certificate with its key; its log says more.',
  });
}
