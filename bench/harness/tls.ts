import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from './server-kind.ts';

const run = promisify(execFile);

/** The same for all servers. TLS 1.2, since its sessions can be resumed from the first data connection on. */
export const TLS_CIPHER = 'ECDHE-ECDSA-AES256-GCM-SHA384';
export const TLS_GROUP = 'P-256';
export const TLS_DESCRIPTION = `TLS 1.2, ${TLS_CIPHER}, certificate and key exchange on ${TLS_GROUP}`;

/** Makes a self-signed certificate for this run in `directoryPath`; the reason in words if that is impossible. */
export async function makeCertificate(
  directoryPath: string,
): Promise<Certificate | { readonly missing: string }> {
  const certificatePath = join(directoryPath, 'certificate.pem');
  const keyPath = join(directoryPath, 'key.pem');
  const bothPath = join(directoryPath, 'both.pem');
  try {
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${TLS_GROUP}`],
      ...['-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', keyPath, '-out', certificatePath],
    ]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { missing: 'needs the command openssl (apt install openssl)' };
  }
  writeFileSync(bothPath, readFileSync(keyPath, 'utf8') + readFileSync(certificatePath, 'utf8'), {
    mode: 0o600,
  });
  return { certificatePath, keyPath, bothPath };
}
