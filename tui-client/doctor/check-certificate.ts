import { checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls';
import { certificateFacts, verificationProblem } from '../remote/connection/certificate-trust.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Visit } from './visit.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const EXPIRES_SOON_DAYS = 14;

/** Problems that have findings of their own. */
const TOLD_OTHERWISE = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Looks at names, dates and trust of the certificate. */
export async function checkCertificate(visit: Visit): Promise<readonly Finding[]> {
  const socket = visit.control?.socket;
  if (!(socket instanceof TLSSocket)) return [];
  const certificate = socket.getPeerCertificate();
  const facts = certificateFacts(certificate);
  const trust = trustOf(visit, socket, facts.fingerprint256);
  visit.maySendSecrets = trust === 'authority' || trust === 'fingerprint';
  return [
    dates(facts.validFrom, facts.validTo),
    names(visit.site.host, { certificate, names: facts.names, trust }),
    trustFinding(visit, { trust, ...facts }),
  ];
}

/** `other` is not the certificate that was trusted before. */
type TrustKind = 'authority' | 'fingerprint' | 'other' | 'nobody' | 'otherwise invalid';

function trustOf(visit: Visit, socket: TLSSocket, fingerprint: string): TrustKind {
  if (fingerprint === visit.trusted) return 'fingerprint';
  if (visit.trusted !== undefined) return 'other';
  if (socket.authorized) return 'authority';
  const reason = verificationProblem(socket.authorizationError);
  return TOLD_OTHERWISE.has(reason) ? 'otherwise invalid' : 'nobody';
}

function dates(validFrom: string, validTo: string): Finding {
  const [fromMs, toMs, nowMs] = [Date.parse(validFrom), Date.parse(validTo), Date.now()];
  const [from, to] = [validFrom.slice(0, 10), validTo.slice(0, 10)];
  const days = Math.floor((toMs - nowMs) / DAY_MS);
  const facts = { validFrom, validTo, days };
  const renew = 'Renew the certificate and let the server load it (SIGHUP).';
  if (nowMs > toMs) {
    return problem('certificate', 'trust', {
      text: `The certificate expired on ${to}.`,
      remedy: renew,
      facts,
    });
  }
  if (nowMs < fromMs) {
    const remedy = 'Check the clocks of the server and of this machine.';
    return problem('certificate', 'trust', {
      text: `The certificate is not valid before ${from}.`,
      remedy,
      facts,
    });
  }
  if (days < EXPIRES_SOON_DAYS) {
    return warning('certificate', {
      text: `The certificate expires in ${days} days, on ${to}.`,
      remedy: renew,
      facts,
    });
  }
  return ok('certificate', `The certificate is valid until ${to} (${days} days).`, facts);
}

interface NameFacts {
  readonly certificate: PeerCertificate;
  readonly names: readonly string[];
  readonly trust: TrustKind;
}

function names(host: string, { certificate, names: known, trust }: NameFacts): Finding {
  const list = known.length === 0 ? 'no name' : known.join(', ');
  const facts = { names: known };
  if (checkServerIdentity(host, certificate) === undefined) {
    return ok('certificate', `The certificate is for ${list}.`, facts);
  }
  const text = `The certificate is for ${list}, not for ${host}.`;
  const remedy = `Use one of its names, or a certificate that has ${host} among its names.`;
  // Who trusts a fingerprint does not look at names.
  if (trust === 'fingerprint') return warning('certificate', { text, remedy, facts });
  return problem('certificate', 'trust', { text, remedy, facts });
}

function trustFinding(
  { trusted }: Visit,
  {
    trust,
    fingerprint256,
    isSelfSigned,
  }: { trust: TrustKind; fingerprint256: string; isSelfSigned: boolean },
): Finding {
  const facts = { fingerprint256, isSelfSigned, trust };
  switch (trust) {
    case 'authority':
      return ok(
        'certificate',
        `A known authority signed the certificate. SHA-256 ${fingerprint256}`,
        facts,
      );
    case 'fingerprint':
      return ok(
        'certificate',
        `The fingerprint is the trusted one. SHA-256 ${fingerprint256}`,
        facts,
      );
    case 'other':
      return problem('certificate', 'trust', {
        text: `The certificate is not the trusted one, ${trusted}. SHA-256 ${fingerprint256}`,
        remedy:
          'Ask the owner of the server whether it was replaced. If not, the connection may be intercepted.',
        facts,
      });
    case 'otherwise invalid':
      return problem('certificate', 'trust', {
        text: `Clients do not accept the certificate for the reason above. SHA-256 ${fingerprint256}`,
        remedy: 'Correct that first.',
        facts,
      });
    case 'nobody':
      return problem('certificate', 'trust', {
        text: `${isSelfSigned ? 'The certificate is self-signed' : 'No known authority signed the certificate'}. SHA-256 ${fingerprint256}`,
        remedy: `Compare the fingerprint with what the server shows at its start, then add --trust ${fingerprint256}. For the public use a certificate of an authority (--tls-cert, --tls-key).`,
        facts,
      });
  }
}
