import { Failure } from '../errors/failure.ts';
import type { Pins } from '../sites/pins.ts';
import type { CertificateFacts, TrustDecision } from '../sites/site.ts';
import { displayName } from '../text/format.ts';
import type { CommandContext } from './command-context.ts';
import { askLine, canAsk } from './questions.ts';

interface TrustParts {
  readonly context: CommandContext;
  readonly pins: Pins;
  /** From `--trust`. */
  readonly trusted: readonly string[] | undefined;
  readonly stop: AbortSignal;
}

/**
 * Decides about a certificate without a screen: by `--trust`, else by the answer at the terminal.
 *
 * @throws Failure with the fingerprint in it, if there is no terminal to ask.
 */
export function decideTrust({ context, pins, trusted, stop }: TrustParts): TrustDecision {
  return async (facts) => {
    if (trusted?.includes(facts.fingerprint256)) return 'once';
    if (trusted !== undefined)
      throw new Failure('trust', `${mismatch(facts)} ${howToTrust(facts)}`);
    if (!canAsk(context)) throw new Failure('trust', `${problem(facts)} ${howToTrust(facts)}`);
    const answer = await askLine(context, question(facts), stop);
    if (/^o(nce)?$/.test(answer)) return 'once';
    if (!/^a(lways)?$/.test(answer) || facts.pinnedFingerprint256 !== undefined) return 'refuse';
    await pins.pin(facts, facts.fingerprint256);
    return 'always';
  };
}

function mismatch({ host, port }: CertificateFacts): string {
  return `The certificate of ${host}:${port} does not match --trust.`;
}

function problem(facts: CertificateFacts): string {
  const { host, port, pinnedFingerprint256: pinned } = facts;
  if (pinned === undefined) {
    return `The certificate of ${host}:${port} is not trusted: ${reason(facts)}.`;
  }
  return `The certificate of ${host}:${port} has CHANGED; the trusted one was ${pinned}. It may have been renewed, or the connection may be intercepted.`;
}

function howToTrust({ fingerprint256 }: CertificateFacts): string {
  return `Its SHA-256 fingerprint is ${fingerprint256}. If it matches the one that the owner gives you, use --trust ${fingerprint256}`;
}

function question(facts: CertificateFacts): string {
  const { fingerprint256, pinnedFingerprint256: pinned, validFrom, validTo, protocol } = facts;
  const names = facts.names.length > 0 ? facts.names.join(', ') : facts.subject;
  const answers = pinned === undefined ? '[o]nce, [a]lways, [N]o' : '[o]nce, [N]o';
  return [
    problem(facts),
    `  Name     ${displayName(names)}`,
    `  Valid    ${validFrom.slice(0, 10)} to ${validTo.slice(0, 10)}, ${protocol}`,
    `  SHA-256  ${fingerprint256}`,
    'Compare the fingerprint with the one that the owner gives you. Your password has not been sent.',
    `Trust it? ${answers}: `,
  ].join('\n');
}

function reason({ problem: word, isSelfSigned }: CertificateFacts): string {
  if (word === 'CERT_HAS_EXPIRED') return 'expired';
  if (word === 'CERT_NOT_YET_VALID') return 'not valid yet';
  if (word === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'issued for another name';
  return isSelfSigned ? 'it is self-signed' : 'not issued by a trusted authority';
}
