import type { AccessSettings } from '../../db/access-settings.ts';
import { type NewAccount, UsernameConflictError } from '../../db/account-insertion.ts';
import { InviteNotUsableError } from '../../db/account-repository.ts';
import { type CutUploads, NO_PASSWORD } from '../../db/account-row.ts';
import type { CreationSettings } from '../disk/creation-rules.ts';
import { SignUpRefusedError, UsernameTakenError } from '../errors/errors.ts';
import { entryLimitOf } from '../quota/unlimited.ts';
import type { PasswordHash } from './password-hash.ts';
import { checkPassword } from './signup-rules.ts';

/** Time that a client waits for its account to be written while another process has the database locked. */
export const LOCK_PATIENCE_MS = 5000;

interface NewAccountRequest {
  readonly username: string;
  /** Undefined if another system keeps it. */
  readonly password: string | undefined;
  /** Undefined for the default quota. */
  readonly quotaBytes?: number | undefined;
  readonly cutUploads?: CutUploads | undefined;
  readonly creation?: CreationSettings | undefined;
  readonly groupId?: number | undefined;
  readonly mustChangePassword?: boolean | undefined;
  /** Undefined: never. */
  readonly expiresAtMs?: number | undefined;
  /** Rights and limits of its own. */
  readonly access?: AccessSettings | undefined;
  /** Where the password comes from; see `originOf`. */
  readonly origin?: string;
}

/** What a new account is made with. */
export interface NewAccountDefaults {
  readonly passwords: PasswordHash;
  readonly now: () => number;
  readonly quotaBytes: number;
  /** Files, directories and links that it may have; 0 sets no limit. */
  readonly maxFiles: number;
  /** Modes and owner of new homes. */
  readonly creation: CreationSettings;
}

/** The row of a new account. @throws PasswordNotAllowedError */
export async function newAccount(
  request: NewAccountRequest,
  { passwords, now, quotaBytes, maxFiles }: NewAccountDefaults,
): Promise<NewAccount> {
  const { password, origin } = request;
  return {
    username: request.username,
    home: homeOf(request.username),
    passwordHash: await passwordHashFor(password, passwords, origin),
    createdAtMs: now(),
    limitBytes: request.quotaBytes ?? quotaBytes,
    cutUploads: request.cutUploads,
    creation: request.creation,
    groupId: request.groupId,
    mustChangePassword: request.mustChangePassword,
    expiresAtMs: request.expiresAtMs,
    access: request.access,
    limitEntries: entryLimitOf(maxFiles),
  };
}

/** @param password undefined if another system keeps it. @throws PasswordNotAllowedError */
export async function passwordHashFor(
  password: string | undefined,
  passwords: PasswordHash,
  origin?: string,
): Promise<string> {
  if (password === undefined) return NO_PASSWORD;
  checkPassword(password);
  return await passwords.hash(password, origin);
}

/** The name of the home of a username. */
export function homeOf(username: string): string {
  return username.toLowerCase();
}

export function usernameTaken(): UsernameTakenError {
  return new UsernameTakenError('This username is taken.');
}

export function inviteRefused(): SignUpRefusedError {
  return new SignUpRefusedError('Invalid or expired invite.');
}

/** Throws conflicts that only the database can see as errors for the client. */
export function rethrowConflict(error: unknown): never {
  if (error instanceof UsernameConflictError) throw usernameTaken();
  if (error instanceof InviteNotUsableError) throw inviteRefused();
  throw error;
}
