import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StartError, startErrorFor } from '../errors/start-error.ts';

/** A chain of certificates is some KiB; what is larger is something else. */
const MAX_PEM_BYTES = 1024 * 1024;

/** A file of the certificate's pair. */
export interface CertificateFile {
  /** Start of messages: the setting and the file. */
  readonly place: string;
  readonly text: string;
  /** The labels of its PEM blocks in order, such as `CERTIFICATE`. */
  readonly labels: readonly string[];
  /** Mode and owner of the file. */
  readonly mode: number;
}

/**
 * Reads a file that is to hold PEM.
 *
 * @throws StartError
 */
export async function readCertificateFile(options: {
  readonly file: string;
  readonly setting: string;
}): Promise<CertificateFile> {
  const place = `${options.setting} ${options.file}`;
  try {
    // A pipe without a writer must not keep the start waiting.
    const handle = await open(options.file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readFrom(handle, place);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw startErrorFor({ setting: place, error });
  }
}

async function readFrom(handle: FileHandle, place: string): Promise<CertificateFile> {
  const stats = await handle.stat();
  if (stats.isDirectory()) throw unusable(place, 'it is a directory. Name the file in it.');
  if (!stats.isFile()) throw unusable(place, 'it is not a regular file.');
  if (stats.size > MAX_PEM_BYTES) throw unusable(place, 'it is too large for a PEM file.');
  const text = await handle.readFile('latin1');
  return { place, text, labels: labelsIn(text), mode: stats.mode };
}

/** Why a file cannot be used, as a sentence for the operator. */
export function unusable(place: string, reason: string, cause?: unknown): StartError {
  return new StartError(`${place}: ${reason}`, { exitCode: 78, cause });
}

/**
 * Checks that the first file holds a certificate and the second its key in the clear.
 *
 * @throws StartError that says what they hold instead.
 */
export function requireKinds(cert: CertificateFile, key: CertificateFile): void {
  if (!holdsCertificate(cert)) {
    if (holdsKey(cert) && holdsCertificate(key) && !holdsKey(key)) {
      throw unusable(
        cert.place,
        `it holds the private key, and ${key.place} the certificate. Swap them.`,
      );
    }
    throw unusable(cert.place, insteadOf('certificate', cert));
  }
  if (!holdsKey(key)) throw unusable(key.place, insteadOf('private key', key));
  if (isEncrypted(key)) {
    throw unusable(
      key.place,
      'its key is encrypted, and the server cannot ask for the passphrase. Decrypt it with: openssl pkey -in <this file> -out <new file>',
    );
  }
}

/** The certificates of the file, the server's own first. */
export function certificatesIn({ text }: CertificateFile): readonly string[] {
  return (
    text.match(
      /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g,
    ) ?? []
  );
}

function labelsIn(text: string): readonly string[] {
  return [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label = '']) => label);
}

function holdsCertificate({ labels }: CertificateFile): boolean {
  return labels.some((label) => /^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label));
}

function holdsKey({ labels }: CertificateFile): boolean {
  return labels.some((label) => label.endsWith('PRIVATE KEY'));
}

function isEncrypted({ labels, text }: CertificateFile): boolean {
  return labels.includes('ENCRYPTED PRIVATE KEY') || /^Proc-Type: 4,ENCRYPTED/m.test(text);
}

function insteadOf(wanted: 'certificate' | 'private key', file: CertificateFile): string {
  const { text, labels } = file;
  if (text.trim() === '') return 'it is empty.';
  if (labels.some((label) => label.endsWith('CERTIFICATE REQUEST'))) {
    return `it holds a request for a certificate, not a ${wanted}.`;
  }
  if (holdsKey(file)) return 'it holds a private key, not a certificate.';
  if (holdsCertificate(file)) return 'it holds a certificate, not a private key.';
  if (labels[0] !== undefined) return `it holds a ${labels[0]}, not a ${wanted}.`;
  if (isBinary(text)) {
    return 'it is not PEM but binary, perhaps DER or PKCS#12. Convert it with openssl x509, pkey or pkcs12.';
  }
  const label = wanted === 'certificate' ? 'CERTIFICATE' : 'PRIVATE KEY';
  return `it is not PEM: it has no line -----BEGIN ${label}-----.`;
}

/** DER begins with a sequence, whose length takes more than a byte. */
function isBinary(text: string): boolean {
  return text.includes('\0') || /^0[\x80-\x84]/.test(text);
}
