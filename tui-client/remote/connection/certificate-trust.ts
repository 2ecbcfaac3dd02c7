import { isIP } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { Failure } from '../../errors/failure.ts';
import type { CertificateFacts, Site, TrustDecision } from '../../sites/site.ts';

export interface Trust {
  readonly trust: TrustDecision;
  /** The fingerprint that is trusted for this server. */
  readonly pinned?: string | undefined;
}

/** The fingerprint of a certificate that may be trusted. @throws Failure if it may not. */
export async function requireTrust(
  socket: TLSSocket,
  { host, port }: Pick<Site, 'host' | 'port'>,
  { trust, pinned }: Trust,
): Promise<string> {
  const certificate = socket.getPeerCertificate();
  const { fingerprint256 } = certificate;
  if (fingerprint256 === undefined) throw new Failure('trust', 'The server has no certificate.');
  if (socket.authorized || fingerprint256 === pinned?.toUpperCase()) return fingerprint256;
  const decision = await trust({
    ...certificateFacts(certificate),
    host,
    port,
    protocol: socket.getProtocol() ?? 'TLS',
    problem: verificationProblem(socket.authorizationError),
    pinnedFingerprint256: pinned,
  });
  if (decision !== 'refuse') return fingerprint256;
  const words = pinned === undefined ? 'is not trusted' : 'is not the one that was trusted before';
  throw new Failure('trust', `The certificate of ${host}:${port} ${words}.`);
}

/** For an address there is no name to be asked for (RFC 6066 §3). */
export function serverName(host: string): string {
  return isIP(host) === 0 ? host : '';
}

type FactsOfCertificate = Omit<
  CertificateFacts,
  'host' | 'port' | 'protocol' | 'problem' | 'pinnedFingerprint256'
>;

/** What a certificate says of itself. */
export function certificateFacts(certificate: PeerCertificate): FactsOfCertificate {
  const { subject, issuer, subjectaltname = '', valid_from, valid_to } = certificate;
  return {
    fingerprint256: certificate.fingerprint256,
    subject: nameOf(subject),
    names: subjectaltname
      .split(/, ?/)
      .map((name) => name.replace(/^(DNS|IP Address):/, ''))
      .filter((name) => name !== ''),
    validFrom: isoDate(valid_from),
    validTo: isoDate(valid_to),
    isSelfSigned: JSON.stringify(subject) === JSON.stringify(issuer),
  };
}

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const { CN = '', O = '' } = (subject ?? {}) as unknown as Record<string, string>;
  return String(CN || O);
}

function isoDate(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

/** Node's word for what is wrong: it gives the code or, for a name that does not match, an error with one. */
export function verificationProblem(error: unknown): string {
  if (typeof error === 'string') return error;
  return (error as NodeJS.ErrnoException | undefined)?.code ?? 'UNKNOWN';
}
