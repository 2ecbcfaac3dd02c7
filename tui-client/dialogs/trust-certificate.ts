import type { Using } from '../context/app-context.ts';
import type { CertificateFacts } from '../sites/site.ts';
import { choicesIn } from './choices.ts';
import type { ChoiceQuestion } from './dialogs.ts';

type Decision = 'refuse' | 'once' | 'always';

/** Asks whether a certificate may be trusted, before anything secret is sent. */
export async function askForTrust(
  app: Using<'keymap' | 'dialogs' | 'services'>,
  facts: CertificateFacts,
): Promise<Decision> {
  const chosen = await app.dialogs.choose(certificateDialog(app, facts));
  if (chosen?.id === 'trust-once') return 'once';
  if (chosen?.id !== 'trust-always') return 'refuse';
  await app.services.pins.pin(facts, facts.fingerprint256);
  return 'always';
}

/** One that took the place of a trusted one cannot be trusted for good by a key press. */
function certificateDialog(app: Using<'keymap'>, facts: CertificateFacts): ChoiceQuestion {
  const isChanged = facts.pinnedFingerprint256 !== undefined;
  const choices = choicesIn(app.keymap, 'certificate');
  return {
    topic: 'certificate',
    title: isChanged ? 'THE SERVER CERTIFICATE HAS CHANGED' : 'Unknown server certificate',
    tone: isChanged ? 'danger' : 'calm',
    lines: certificateLines(facts),
    choices: isChanged ? choices.filter(({ id }) => id !== 'trust-always') : choices,
    escape: 'cancel',
  };
}

function certificateLines(facts: CertificateFacts): readonly string[] {
  const names = facts.names.length > 0 ? facts.names.join(', ') : facts.subject;
  return [
    `${facts.host}:${facts.port}   ${facts.protocol.replace('TLSv', 'TLS ')}   ${problemText(facts)}`,
    `Name     ${names || 'none'}`,
    `Valid    ${day(facts.validFrom)} to ${day(facts.validTo)}`,
    ...fingerprintLines('SHA-256', facts.fingerprint256),
    ...(facts.pinnedFingerprint256 === undefined
      ? []
      : [...fingerprintLines('Before', facts.pinnedFingerprint256), '']),
    facts.pinnedFingerprint256 === undefined
      ? 'Compare the fingerprint with the one that the owner gives you. Your password has not been sent.'
      : 'It may have been renewed, or the connection may be intercepted. Ask the owner. Your password has not been sent.',
  ];
}

function fingerprintLines(label: string, fingerprint: string): readonly string[] {
  const half = Math.ceil(fingerprint.length / 2);
  const indent = 'SHA-256  '.length;
  return [
    label.padEnd(indent) + fingerprint.slice(0, half).replace(/:$/, ''),
    ' '.repeat(indent) + fingerprint.slice(half),
  ];
}

function problemText({ problem, isSelfSigned }: CertificateFacts): string {
  if (problem === 'CERT_HAS_EXPIRED') return 'expired';
  if (problem === 'CERT_NOT_YET_VALID') return 'not valid yet';
  if (problem === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'issued for another name';
  return isSelfSigned ? 'self-signed' : 'not issued by a trusted authority';
}

function day(date: string): string {
  return date.slice(0, 10);
}
