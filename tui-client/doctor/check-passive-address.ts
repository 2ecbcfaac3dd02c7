import { isIPv4 } from 'node:net';
import { isRefusal, wordsOf } from '../remote/connection/reply.ts';
import { classicEndpoint } from '../remote/data/passive-address.ts';
import { compareAddresses, plainAddress } from './announced-address.ts';
import { type Finding, ok, problem, unchecked, warning } from './finding.ts';
import type { Visit } from './visit.ts';

const SETTINGS = (address: string) =>
  `Set the address that clients reach: --public-host ${address} (MyFTP), pasv_address (vsftpd), MasqueradeAddress (ProFTPD), -P (Pure-FTPd). A router with an FTP helper may also rewrite it.`;

/** Compares the address in the reply to PASV with the one that was reached. */
export async function checkPassiveAddress(visit: Visit): Promise<readonly Finding[]> {
  const { control } = visit;
  if (control === undefined || !visit.isLoggedIn) return [];
  if (visit.via !== undefined) {
    return [unchecked('pasv-address', 'The address of the server is known to the proxy only.')];
  }
  const reached = plainAddress(control.socket.remoteAddress ?? '');
  try {
    const reply = await control.ask('PASV', { timeoutMs: visit.answerMs });
    if (isRefusal(reply)) return [refused(reached, wordsOf(reply))];
    return [judged(classicEndpoint(reply).address, reached)];
  } catch (error) {
    const { kind, message } = visit.failure(error);
    const remedy = 'The reply has to be "227 text (h1,h2,h3,h4,p1,p2)" (RFC 959).';
    return [problem('pasv-address', kind, { text: message, remedy })];
  }
}

function refused(reached: string, words: string): Finding {
  if (!isIPv4(reached)) {
    return unchecked('pasv-address', `PASV is for IPv4 and was refused over IPv6: ${words}.`);
  }
  return warning('pasv-address', {
    text: `The server refuses PASV: ${words}.`,
    remedy: 'Old clients know nothing but PASV: allow it, or free passive ports (--pasv-range).',
  });
}

function judged(announced: string, reached: string): Finding {
  const facts = { announced, reached };
  const text = `PASV names ${announced}, but the server was reached at ${reached}`;
  if (!isIPv4(reached)) {
    return unchecked(
      'pasv-address',
      `PASV names ${announced}; it says nothing over IPv6 (${reached}).`,
    );
  }
  switch (compareAddresses(announced, reached)) {
    case 'same':
      return ok('pasv-address', `PASV names ${announced}, the address that was reached.`, facts);
    case 'unusable':
      return problem('pasv-address', 'network', {
        text: `${text}: no client can connect to that.`,
        remedy: SETTINGS(reached),
        facts,
      });
    case 'private':
      return problem('pasv-address', 'network', {
        text: `${text}: only clients in its own network can connect to that.`,
        remedy: SETTINGS(reached),
        facts,
      });
    case 'other':
      return warning('pasv-address', {
        text: `${text}. Clients that use the address as it is connect to another host.`,
        remedy: `If ${announced} is not the server: ${SETTINGS(reached)}`,
        facts,
      });
  }
}
