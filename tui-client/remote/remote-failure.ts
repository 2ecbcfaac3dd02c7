import { Failure, type FailureKind } from '../errors/failure.ts';
import { type Reply, wordsOf } from './connection/reply.ts';

const MISSING =
  /no such|not (be )?found|not exist|does ?n.t exist|cannot find|can't find|unknown file/i;
const NO_RESTART = /\b(restart|append|resum\w*|REST|APPE)\b/i;
const EXISTS = /\bexists?\b/i;
const SPACE = /quota|no space|disk full|storage|not enough (space|room)|no room/i;

/** What the server has refused, in its own words. */
export function failureForReply(reply: Reply, purpose?: string): Failure {
  const { code } = reply;
  const words = wordsOf(reply);
  const message = purpose === undefined ? words : `${purpose}: ${words}`;
  const kind = kindOfReply(code, words);
  return new Failure(kind, message, { code, isTransient: isTransient(code) && kind !== 'space' });
}

function kindOfReply(code: number, words: string): FailureKind {
  switch (code) {
    case 421:
    case 425:
    case 426:
      return 'network';
    case 430:
    case 530:
    case 532:
      return 'login';
    case 452:
    case 552:
      return 'space';
    case 521:
    case 522:
    case 533:
    case 534:
    case 535:
    case 536:
      return 'trust';
    case 550:
    case 450:
    case 451:
    case 553:
      return kindOfFileError(words);
    default:
      return 'protocol';
  }
}

function kindOfFileError(words: string): FailureKind {
  if (SPACE.test(words)) return 'space';
  if (MISSING.test(words)) return 'missing';
  return EXISTS.test(words) ? 'exists' : 'denied';
}

function isTransient(code: number): boolean {
  return code >= 400 && code < 500 && code !== 430 && code !== 452;
}

/** Whether a server refuses a transfer only because it does not begin at the start. */
export function isRestartRefused({ code, message }: Failure): boolean {
  return code !== undefined && [451, 501, 504, 550, 554].includes(code) && NO_RESTART.test(message);
}

/** A failure of the connection itself, for whatever Node said of it. */
export function failureForError(error: unknown, purpose: string): Failure {
  if (isFailure(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const words =
    (code !== undefined && (ERRNO_WORDS[code] ?? tlsWords(code))) ||
    withoutSources(message) ||
    String(code ?? error);
  return new Failure('network', `${purpose}: ${words}`, { cause: error, isTransient: true });
}

/** Node's codes for errors of OpenSSL, whose messages name files of its sources. */
function tlsWords(code: string): string | undefined {
  const [, reason] = /^ERR_SSL_(.+)$/.exec(code) ?? [];
  if (reason === undefined) return undefined;
  return TLS_WORDS[reason] ?? `TLS: ${reason.toLowerCase().replaceAll('_', ' ')}`;
}

/** An error of OpenSSL without a code: `error:0A00010B:SSL routines:function:reason:file:line:`. */
function withoutSources(message: string): string {
  const [, reason] = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]*):/i.exec(message) ?? [];
  return reason === undefined ? message : `TLS: ${reason}`;
}

const NO_TLS_THERE = 'what answers on this port does not speak TLS';
const NO_COMMON_VERSION = 'the server has no version of TLS that is safe (1.2 or 1.3)';
const NO_COMMON_CIPHER = 'the server refuses the handshake: no cipher in common, or no certificate';

const TLS_WORDS: Readonly<Record<string, string>> = {
  WRONG_VERSION_NUMBER: NO_TLS_THERE,
  PACKET_LENGTH_TOO_LONG: NO_TLS_THERE,
  UNEXPECTED_MESSAGE: NO_TLS_THERE,
  UNSUPPORTED_PROTOCOL: NO_COMMON_VERSION,
  TLSV1_ALERT_PROTOCOL_VERSION: NO_COMMON_VERSION,
  'SSL/TLS_ALERT_PROTOCOL_VERSION': NO_COMMON_VERSION,
  SSLV3_ALERT_HANDSHAKE_FAILURE: NO_COMMON_CIPHER,
  'SSL/TLS_ALERT_HANDSHAKE_FAILURE': NO_COMMON_CIPHER,
};

/** By name: what one module system made is no instance for another. */
export function isFailure(error: unknown): error is Failure {
  return (error as Partial<Failure> | undefined)?.name === 'Failure';
}

/** The connection is gone, and with it what was asked last. */
export function connectionLost(why: string): Failure {
  return new Failure('network', why, { isTransient: true });
}

export function isNetworkFailure(error: unknown): error is Failure {
  return isFailure(error) && error.kind === 'network';
}

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
};
