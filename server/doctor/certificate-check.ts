import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { StartError } from '../errors/start-error.ts';
import { isLoopbackHost } from '../network/addresses.ts';
import { generalPublicHost } from '../network/public-host.ts';
import { type Certificate, loadCertificate } from '../tls/certificate.ts';
import { selfSignedCertFile } from '../tls/self-signed.ts';
import { type Check, type DoctorContext, ok, problem, type Verdict, warning } from './finding.ts';

const DAY_MS = 86_400_000;
/** Let's Encrypt renews 30 days before the end; with 14 left, the renewal has failed. */
const EXPIRES_SOON_DAYS = 14;

export const certificateCheck: Check = {
  id: 'certificate',
  async inspect(context) {
    const { settings } = context;
    if (settings.tls === 'off') return [withoutTls(settings)];
    const files = filesOf(settings);
    if (files === undefined) return [ok('The first start makes a self-signed certificate.')];
    try {
      const certificate = await loadCertificate({ ...files, now: context.now });
      return verdictsFor(certificate, context);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      return [problem(error.message, remedyFor(settings))];
    }
  },
};

function withoutTls({ host }: Settings): Verdict {
  if (isLoopbackHost(host)) return ok('TLS is off; only this host can connect.');
  return warning(
    'TLS is off: passwords and files cross the network in clear.',
    'Set --tls required, or optional for clients that cannot encrypt.',
  );
}

/** Undefined before the first start has made a certificate. */
function filesOf({ tlsCert, tlsKey, dataDir }: Settings) {
  if (tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  const directory = join(dataDir, 'tls');
  const [certFile, keyFile] = [selfSignedCertFile(directory), join(directory, 'key.pem')];
  if (!existsSync(certFile) && !existsSync(keyFile)) return undefined;
  return { certFile, keyFile, settings: { cert: '--data', key: '--data' } };
}

function remedyFor({ tlsCert, dataDir }: Settings): string {
  return tlsCert === undefined
    ? `Remove certificate.pem and key.pem from ${join(dataDir, 'tls')}; the next start makes new ones.`
    : 'Set --tls-cert and --tls-key to a pair that belongs together and that the server may read.';
}

function verdictsFor(certificate: Certificate, context: DoctorContext): readonly Verdict[] {
  const verdicts = [
    ...dateVerdicts(certificate, context),
    ...nameVerdicts(certificate, context.settings),
    ...certificate.warnings
      .filter((text) => !/this certificate (has expired|is not valid before)/.test(text))
      .map((text) => warning(text, 'Change it as the sentence says.')),
  ];
  if (verdicts.length > 0) return verdicts;
  const { subjectNames, validTo } = certificate;
  return [ok(`The certificate is for ${subjectNames.join(', ')}, until ${dayOf(validTo)}.`)];
}

function* dateVerdicts(
  { validTo, certPem }: Certificate,
  { settings, now }: DoctorContext,
): Generator<Verdict> {
  const daysLeft = Math.floor((validTo.getTime() - now()) / DAY_MS);
  const remedy =
    settings.tlsCert === undefined
      ? 'Restart the server: it makes a new one.'
      : 'Renew it; the server reads the changed files by itself.';
  if (Date.parse(new X509Certificate(certPem).validFrom) > now()) {
    yield problem('The certificate is not valid yet.', 'Set the clock of this host, or renew it.');
  } else if (daysLeft < 0) {
    yield problem(`The certificate expired on ${dayOf(validTo)}.`, remedy);
  } else if (daysLeft < EXPIRES_SOON_DAYS) {
    yield warning(`The certificate expires in ${daysLeft} days, on ${dayOf(validTo)}.`, remedy);
  }
}

/** Clients compare the name that they connect to, which only `--public-host` names. */
function* nameVerdicts(
  { certPem, subjectNames }: Certificate,
  { publicHosts, tlsCert }: Settings,
): Generator<Verdict> {
  const name = generalPublicHost(publicHosts)?.replace(/\.$/, '');
  if (name === undefined || isIP(name) !== 0) return;
  if (new X509Certificate(certPem).checkHost(name) !== undefined) return;
  const names = subjectNames.length === 0 ? 'no name' : subjectNames.join(', ');
  yield warning(
    `The certificate is for ${names}, not for ${name} of --public-host.`,
    tlsCert === undefined
      ? 'Remove certificate.pem and key.pem from <data>/tls and restart: the server makes one with that name.'
      : 'Have it issued for that name, too, or set --public-host to a name in it.',
  );
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
