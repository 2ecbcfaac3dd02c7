import type { Reply } from '../control/reply.ts';
import { ArgumentError } from '../errors/errors.ts';
import type { Session } from '../session/session.ts';

/** One verb of the protocol: what it accepts, and what it does for a session. */
export interface Command {
  readonly verb: string;
  /** Older names of the same verb. */
  readonly aliases?: readonly string[];
  /** Whether an argument may be, or must be, given; 501 otherwise. */
  readonly argument: 'none' | 'optional' | 'required';
  /** The argument is a number or a code, in which blanks at the beginning and the end mean nothing. */
  readonly isCode?: true;
  /** May be used before login. */
  readonly beforeLogin?: true;
  /** Is answered while a transfer runs, rather than after it. */
  readonly duringTransfer?: true;
  /** As HELP shows it. */
  readonly syntax: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** Lines of FEAT that this verb brings (RFC 2389 §3). */
  features?(session: Session): readonly string[];
  /**
   * Does it and answers. The final reply is returned; `undefined` means that it has been sent.
   *
   * @throws ClientError for every failure that the client is told about.
   */
  handle(session: Session, argument: string): Reply | undefined | Promise<Reply | undefined>;
}

/**
 * The argument as the verb reads it: blanks around a number or a code mean nothing, those around a name belong to it.
 *
 * @throws ArgumentError if an argument is missing, or there is one too many.
 */
export function argumentFor(command: Command, given = ''): string {
  const argument = command.isCode || command.argument === 'none' ? given.trim() : given;
  if (command.argument === 'required' && argument === '') {
    throw new ArgumentError(`An argument is missing: ${command.syntax}`);
  }
  if (command.argument === 'none' && argument !== '') {
    throw new ArgumentError(`${command.syntax} takes no argument.`);
  }
  return argument;
}
