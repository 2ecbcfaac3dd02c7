import { ArgumentError, NotLoggedInError, PasswordChangeNeededError } from '../errors/errors.ts';
import type { Reply } from './reply.ts';
import type { SessionContext } from './session-context.ts';

/** Commands by verb, under all of their names. */
export type CommandTable = ReadonlyMap<string, Command>;

/** One verb of the protocol: what it accepts, and what it does for a session. */
export interface Command {
  readonly verb: string;
  /** Older names of the same verb. */
  readonly aliases?: readonly string[];
  /** Whether the command takes an argument; another form is answered with 501. */
  readonly argument: 'none' | 'optional' | 'required';
  /** The argument is a number or a code, in which blanks at the beginning and the end mean nothing. */
  readonly isCode?: true;
  /** May be used before login. */
  readonly beforeLogin?: true;
  /** May be used by an account that must change its password first. */
  readonly beforePasswordChange?: true;
  /** Is answered while a transfer runs, rather than after it. */
  readonly duringTransfer?: true;
  /** Uses a data connection. What REST, RANG, ALLO, SITE EXPECT and SITE MODIFIED have set ends with it. */
  readonly transfer?: 'upload' | 'download' | 'listing';
  /** The part of the argument that no log may show. */
  readonly secretArgument?: 'all' | 'after the first word';
  /** Commands that the argument begins with (SITE). */
  readonly subcommands?: CommandTable;
  /** Syntax, for HELP. */
  readonly syntax: string;
  /** What the command does, in a few words, for HELP. */
  readonly summary: string;
  /** Lines of FEAT that this verb brings (RFC 2389 §3). */
  features?(session: SessionContext): readonly string[];
  /**
   * Runs the command.
   *
   * @returns the final reply; `undefined` if it has been sent.
   * @throws ClientError for every failure that the client can see.
   */
  handle(session: SessionContext, argument: string): Reply | undefined | Promise<Reply | undefined>;
}

/**
 * @throws NotLoggedInError if the command needs a login.
 * @throws PasswordChangeNeededError if the account may not use it yet.
 */
export function requireLogin(
  { beforeLogin, beforePasswordChange }: Command,
  { isLoggedIn, account }: SessionContext,
): void {
  if (beforeLogin) return;
  if (!isLoggedIn) throw new NotLoggedInError('Please log in with USER and PASS.');
  if (account?.mustChangePassword !== true || beforePasswordChange) return;
  throw new PasswordChangeNeededError(
    'Change your password first: send SITE PASSWD, then PASS with the current and PASS with the new one.',
  );
}

/**
 * The argument as the verb reads it: blanks around a number or a code mean nothing, those around a name belong to it.
 *
 * @throws ArgumentError if an argument is missing, or there is one too many.
 */
export function argumentFor(command: Command, given = ''): string {
  const argument = command.isCode || command.argument === 'none' ? given.trim() : given;
  if (command.argument === 'required' && argument === '') {
    throw new ArgumentError(`Missing argument. Syntax: ${command.syntax}`);
  }
  if (command.argument === 'none' && argument !== '') {
    throw new ArgumentError(`${command.syntax} takes no argument.`);
  }
  return argument;
}

/** The verb that an argument of SITE begins with, in upper case, and what follows it. */
export function splitVerb(argument: string): [verb: string, rest: string] {
  const trimmed = argument.trimStart();
  const space = trimmed.indexOf(' ');
  if (space === -1) return [trimmed.toUpperCase(), ''];
  return [trimmed.slice(0, space).toUpperCase(), trimmed.slice(space + 1)];
}
