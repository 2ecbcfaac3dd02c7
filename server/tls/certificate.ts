import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import {
  type CertificateFile,
  certificatesIn,
  readCertificateFile,
  requireKinds,
  unusable,
} from './certificate-file.ts';

/** Mode bits that expose the key: any right for others, or write permission for the group. */
const TOO_OPEN = 0o027;

/** A certificate with its key, known to fit together and to be fit for TLS. */
export interface Certificate {
  /** The server's certificate first, then its chain. */
  readonly certPem: string;
  readonly keyPem: string;
  /** SHA-256 of the server's certificate, `AB:CD:...`. */
  readonly fingerprint256: string;
  /** The host names and addresses that it is for. */
  readonly subjectNames: readonly string[];
  readonly validTo: Date;
  /** Warnings for the operator, as sentences. */
  readonly warnings: readonly string[];
}

interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Names of the two files in messages. */
  readonly settings?: { readonly cert: string; readonly key: string };
  readonly now?: () => number;
}

/**
 * Reads a certificate and its key, and proves that TLS can use them. One file may hold both.
 *
 * @throws StartError that names the setting and the file at fault and says why.
 */
export async function loadCertificate({
  certFile,
  keyFile,
  settings = { cert: '--tls-cert', key: '--tls-key' },
  now = Date.now,
}: CertificateFiles): Promise<Certificate> {
  const cert = await readCertificateFile({ file: certFile, setting: settings.cert });
  const key = await readCertificateFile({ file: keyFile, setting: settings.key });
  requireKinds(cert, key);
  const x509 = certificateFrom(cert);
  requireMatch({ x509, privateKey: privateKeyFrom(key), cert, key });
  requireFitness(cert, key);
  return {
    certPem: cert.text,
    keyPem: key.text,
    fingerprint256: x509.fingerprint256,
    subjectNames: subjectNamesOf(x509),
    validTo: new Date(x509.validTo),
    warnings: [
      ...datesWarning({ x509, cert, nowMs: now() }),
      ...chainWarning({ certFile, cert }),
      ...modeWarning(key),
    ],
  };
}

function certificateFrom(cert: CertificateFile): X509Certificate {
  try {
    return new X509Certificate(cert.text);
  } catch (error) {
    throw unusable(cert.place, 'its certificate is damaged.', error);
  }
}

function privateKeyFrom(key: CertificateFile): KeyObject {
  try {
    return createPrivateKey(key.text);
  } catch (error) {
    throw unusable(
      key.place,
      'its private key is damaged, or of a kind that TLS does not know.',
      error,
    );
  }
}

interface Pair {
  readonly x509: X509Certificate;
  readonly privateKey: KeyObject;
  readonly cert: CertificateFile;
  readonly key: CertificateFile;
}

function requireMatch({ x509, privateKey, cert, key }: Pair): void {
  if (x509.checkPrivateKey(privateKey)) return;
  if (certificatesIn(cert).some((pem) => belongsTo(pem, privateKey))) {
    throw unusable(
      cert.place,
      "its certificates are in the wrong order. Put the server's own first, then those that signed it.",
    );
  }
  throw unusable(
    key.place,
    `this private key does not belong to the certificate in ${cert.place}.`,
  );
}

function belongsTo(pem: string, privateKey: KeyObject): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}

/** OpenSSL has its own mind about weak keys and damaged chains. */
function requireFitness(cert: CertificateFile, key: CertificateFile): void {
  try {
    createSecureContext({ cert: cert.text, key: key.text, minVersion: 'TLSv1.2' });
  } catch (error) {
    const { reason, message } = error as Error & { reason?: string };
    throw unusable(cert.place, `OpenSSL cannot use it: ${reason ?? message}.`, error);
  }
}

function subjectNamesOf({ subjectAltName, subject }: X509Certificate): readonly string[] {
  const names = [...(subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)/g)];
  if (names.length > 0) return names.map(([, name = '']) => name);
  const [, commonName] = /^CN=(.+)$/m.exec(subject) ?? [];
  return commonName === undefined ? [] : [commonName];
}

interface Dated {
  readonly x509: X509Certificate;
  readonly cert: CertificateFile;
  readonly nowMs: number;
}

function* datesWarning({ x509: { validFrom, validTo }, cert, nowMs }: Dated) {
  if (Date.parse(validTo) <= nowMs) {
    yield `${cert.place}: this certificate has expired (${dayOf(validTo)}). Clients will not trust it.`;
  }
  if (Date.parse(validFrom) > nowMs) {
    yield `${cert.place}: this certificate is not valid before ${dayOf(validFrom)}. Clients will not trust it, or the clock is wrong.`;
  }
}

function dayOf(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}

/** The slip that certbot's four files invite to; browsers mend it, FTP clients do not. */
function* chainWarning({ certFile, cert }: { certFile: string; cert: CertificateFile }) {
  const fullChain = path.join(path.dirname(certFile), 'fullchain.pem');
  if (path.basename(certFile) === 'cert.pem' && existsSync(fullChain)) {
    yield `${cert.place}: without the certificates that signed it, clients may not trust it. Name ${fullChain} instead.`;
  }
}

function* modeWarning({ place, mode }: CertificateFile) {
  if ((mode & TOO_OPEN) !== 0) {
    const written = (mode & 0o777).toString(8).padStart(4, '0');
    yield `${place}: other users of this machine can get at the private key (mode ${written}). Take that right away with chmod 0600, or 0640 for a group.`;
  }
}
