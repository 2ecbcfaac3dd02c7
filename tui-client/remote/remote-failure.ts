import { Failure, type FailureKind } from '../failure.ts';
import { type Reply, wordsOf } from './reply.ts';

const MISSING =
  /no such|not (be )?found|not exist|does ?n.t exist|cannot find|can't find|unknown file/i;
const NO_RESTART = /\b(restart|append|resum\w*|REST|APPE)\b/i;
const EXISTS = /exist/i;
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
  const words = (code !== undefined && ERRNO_WORDS[code]) || message || String(code ?? error);
  return new Failure('network', `${purpose}: ${words}`, { cause: error, isTransient: true });
}

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
