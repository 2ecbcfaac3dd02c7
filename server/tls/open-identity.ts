import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Settings } from '../config/settings.ts';
import { generalPublicHost, type PublicHost } from '../network/public-host.ts';
import { type Certificate, loadCertificate } from './certificate.ts';
import { watchCertificate } from './certificate-watch.ts';
import { ensureSelfSigned } from './self-signed.ts';
import { TlsIdentity } from './tls-identity.ts';

/** The certificate that the server shows, and how it follows its files. */
export interface OpenIdentity {
  readonly identity: TlsIdentity;
  readonly isSelfSigned: boolean;
  /**
   * Reads the files again, for the connections to come.
   *
   * @throws StartError if they do not fit together; the certificate in use stays.
   */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Opens the certificate that the settings name, or one that the server has made for itself. Undefined where
 * TLS is off.
 *
 * @throws StartError that names the file at fault.
 */
export async function openIdentity(deps: {
  readonly settings: Settings;
  readonly log: Logger;
  readonly now: () => number;
}): Promise<OpenIdentity | undefined> {
  const { settings, log, now } = deps;
  if (settings.tls === 'off') return undefined;
  const files = await certificateFiles(settings, now);
  const identity = new TlsIdentity(await load(files, log), {
    sessionReuse: settings.tlsSessionReuse,
  });
  const reload = async () => {
    identity.replace(await load(files, log));
  };
  const watch = watchCertificate({
    ...files,
    onChange: () => {
      reload().then(
        () =>
          log.info({ fingerprint256: identity.certificate.fingerprint256 }, 'certificate changed'),
        (error: Error) =>
          log.error({ reason: error.message }, 'the changed certificate cannot be used'),
      );
    },
  });
  return {
    identity,
    isSelfSigned: settings.tlsCert === undefined,
    reload,
    close: () => watch.stop(),
  };
}

interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

async function certificateFiles(
  { tlsCert, tlsKey, dataDir, publicHosts, host }: Settings,
  now: () => number,
): Promise<CertificateFiles> {
  if (tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  const names = [...publicNames(publicHosts), hostname(), host];
  return ensureSelfSigned({ directory: join(dataDir, 'tls'), names, now });
}

/** The name that everybody uses comes first: it becomes the subject. */
function publicNames(hosts: readonly PublicHost[]): readonly string[] {
  const general = generalPublicHost(hosts);
  return [...(general === undefined ? [] : [general]), ...hosts.map(({ host }) => host)];
}

async function load(files: CertificateFiles, log: Logger): Promise<Certificate> {
  const certificate = await loadCertificate(files);
  for (const warning of certificate.warnings) log.warn(warning);
  return certificate;
}
