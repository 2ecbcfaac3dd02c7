import type { Kysely } from 'kysely';
import { type AccessSettings, storedAccess } from './access-settings.ts';
import { type AccountCreation, type CutUploads, columnsOf } from './account-row.ts';
import { isUniqueViolation } from './database-error.ts';
import type { Usage } from './quota-repository.ts';
import type { Schema } from './schema.ts';

export interface NewAccount {
  readonly username: string;
  readonly passwordHash: string;
  readonly home: string;
  readonly createdAtMs: number;
  readonly limitBytes: number;
  readonly cutUploads?: CutUploads | undefined;
  /** Undefined for no limit. */
  readonly limitEntries?: number;
  readonly creation?: AccountCreation | undefined;
  /** A home outside of the root. */
  readonly homeElsewhere?: HomeElsewhere | undefined;
  readonly mustChangePassword?: boolean | undefined;
  readonly expiresAtMs?: number | undefined;
  readonly groupId?: number | undefined;
  readonly access?: AccessSettings | undefined;
  /** False for an account that cannot log in yet. */
  readonly enabled?: boolean;
  /** As `parseNetwork` returns them; undefined for all. */
  readonly networks?: readonly string[] | undefined;
  /** Bytes per second; 0 for no limit, undefined for the server's default. */
  readonly rates?:
    | { readonly up: number | undefined; readonly down: number | undefined }
    | undefined;
  /** What its home holds already. */
  readonly used?: Usage | undefined;
}

/** A home outside of the root. */
export interface HomeElsewhere {
  readonly path: string;
  /** See `markHome`. */
  readonly id: string;
}

/** Another account has the username, or the home of a removed one still has the name. */
export class UsernameConflictError extends Error {}

/** Creates many accounts. */
export class AccountBatch {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Creates all of the accounts in one transaction, or none. @throws UsernameConflictError */
  create(accounts: readonly NewAccount[]): Promise<void> {
    return this.#db.transaction().execute(async (transaction) => {
      for (const account of accounts) await createAccount(transaction, account);
    });
  }
}

/** Creates an account, also in the place of one that was removed. @throws UsernameConflictError */
export async function createAccount(
  transaction: Kysely<Schema>,
  account: NewAccount,
): Promise<number> {
  const id = await insertAccount(transaction, account);
  await transaction.deleteFrom('retired_home').where('home', '=', account.home).execute();
  return id;
}

/** Adds an account with its quota. @throws UsernameConflictError */
export async function insertAccount(db: Kysely<Schema>, account: NewAccount): Promise<number> {
  try {
    const { id } = await db
      .insertInto('account')
      .values({
        username: account.username,
        password_hash: account.passwordHash,
        home: account.home,
        created_at_ms: account.createdAtMs,
        cut_uploads: account.cutUploads ?? null,
        ...(account.creation && columnsOf(account.creation)),
        home_path: account.homeElsewhere?.path ?? null,
        home_id: account.homeElsewhere?.id ?? null,
        group_id: account.groupId ?? null,
        access: storedAccess(account.access ?? {}),
        expires_at_ms: account.expiresAtMs ?? null,
        must_change_password: account.mustChangePassword === true ? 1 : 0,
        enabled: account.enabled === false ? 0 : 1,
        networks: account.networks?.join(',') ?? null,
        rate_up: account.rates?.up ?? null,
        rate_down: account.rates?.down ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await db.insertInto('quota').values(quotaOf(id, account)).execute();
    return id;
  } catch (error) {
    if (isUniqueViolation(error)) throw new UsernameConflictError(account.username);
    throw error;
  }
}

function quotaOf(account_id: number, account: NewAccount) {
  const { limitBytes: limit_bytes, limitEntries: limit_entries, used } = account;
  const usage = used && { used_bytes: used.bytes, used_entries: used.entries, entries_counted: 1 };
  return { account_id, limit_bytes, limit_entries, ...usage };
}
