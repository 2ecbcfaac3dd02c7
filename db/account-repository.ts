import { type Kysely, sql } from 'kysely';
import { type AccessSettings, mergedAccess, readAccess, storedAccess } from './access-settings.ts';
import { isUniqueViolation } from './database-error.ts';
import { useInvite } from './invite-repository.ts';
import type { Schema } from './schema.ts';

/** A row of the account table. */
export interface AccountRecord {
  readonly id: number;
  readonly username: string;
  readonly passwordHash: string;
  /** The name of its directory below the root, in lower case; or an absolute path. */
  readonly home: string;
  /** In the marker of a home that is an absolute path; undefined for others. */
  readonly homeId: string | undefined;
  readonly enabled: boolean;
  readonly createdAtMs: number;
  /** `undefined`: never. */
  readonly lastLoginAtMs: number | undefined;
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** Fate of uploads whose client has left; undefined for the server's default. */
  readonly cutUploads: CutUploads | undefined;
  /** Time for which its deleted files are kept, 0 for none; undefined for the server's default. */
  readonly keepDeletedMs: number | undefined;
  /** Limit of files, directories and links. */
  readonly limitEntries: number;
  readonly usedEntries: number;
  readonly creation: AccountCreation;
  /** Name of its group. */
  readonly group: string | undefined;
  /** Rights and limits that it has of its own. */
  readonly ownAccess: AccessSettings;
  /** The same together with those of its group. */
  readonly access: AccessSettings;
  /** `undefined`: never. */
  readonly expiresAtMs: number | undefined;
  readonly mustChangePassword: boolean;
  /** Networks from which it may log in; undefined for all. */
  readonly networks: readonly string[] | undefined;
  /** Bytes per second; 0 for no limit, undefined for the server's default. */
  readonly rateUp: number | undefined;
  readonly rateDown: number | undefined;
}

/** Modes and owner of what an account creates; undefined for those of the server. */
export interface AccountCreation {
  readonly umask: number | undefined;
  readonly fileMode: number | undefined;
  readonly directoryMode: number | undefined;
  /** The group is undefined if files keep the one that they are created with. */
  readonly owner: { readonly uid: number; readonly gid: number | undefined } | undefined;
}

export type CutUploads = 'keep' | 'publish';

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
}

/** A home outside of the root. */
export interface HomeElsewhere {
  readonly path: string;
  /** See `markHome`. */
  readonly id: string;
}

export interface SignUp extends NewAccount {
  /** SHA-256 of the invite's code; `undefined` where none is needed. */
  readonly inviteCodeHash: string | undefined;
}

/** Another account has the username, or the home of a removed one still has the name. */
export class UsernameConflictError extends Error {}

/** The invite is unknown, expired, revoked or used up. */
export class InviteNotUsableError extends Error {}

/** Accounts, each with its quota. Usernames are compared ignoring case. */
export class AccountRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async findByUsername(username: string): Promise<AccountRecord | undefined> {
    const row = await this.#select()
      .where(sql<boolean>`lower(username) = ${username.toLowerCase()}`)
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async findById(id: number): Promise<AccountRecord | undefined> {
    const row = await this.#select().where('account.id', '=', id).executeTakeFirst();
    return row && toRecord(row);
  }

  async list(): Promise<readonly AccountRecord[]> {
    const rows = await this.#select().orderBy(sql`lower(username)`).execute();
    return rows.map(toRecord);
  }

  /** The accounts whose homes are outside of the root. */
  async listElsewhere(): Promise<readonly AccountRecord[]> {
    const rows = await this.#select().where('home_path', 'is not', null).execute();
    return rows.map(toRecord);
  }

  async count(): Promise<number> {
    const { accounts } = await this.#db
      .selectFrom('account')
      .select(({ fn }) => fn.countAll<number>().as('accounts'))
      .executeTakeFirstOrThrow();
    return accounts;
  }

  /** All accounts in the order of their names, as many at a time. */
  async *pages(sizeAccounts: number): AsyncGenerator<readonly AccountRecord[]> {
    let after = '';
    for (;;) {
      const rows = await this.#select()
        .where(sql<boolean>`lower(username) > ${after}`)
        .orderBy(sql`lower(username)`)
        .limit(sizeAccounts)
        .execute();
      if (rows.length > 0) yield rows.map(toRecord);
      if (rows.length < sizeAccounts) return;
      after = rows.at(-1)?.username.toLowerCase() ?? after;
    }
  }

  /** Whether a sign-up cannot use the username. */
  async isTaken(username: string): Promise<boolean> {
    if ((await this.findByUsername(username)) !== undefined) return true;
    return await isRetired(this.#db, username.toLowerCase());
  }

  /**
   * Creates an account on an administrator's behalf, also in the place of one that was removed.
   *
   * @throws UsernameConflictError
   */
  create(account: NewAccount): Promise<number> {
    return this.#db.transaction().execute(async (transaction) => {
      const id = await insert(transaction, account);
      await transaction.deleteFrom('retired_home').where('home', '=', account.home).execute();
      return id;
    });
  }

  /**
   * Creates an account for a sign-up and uses up the invite: both or neither.
   *
   * @throws InviteNotUsableError
   * @throws UsernameConflictError
   */
  signUp({ inviteCodeHash, ...account }: SignUp): Promise<number> {
    return this.#db.transaction().execute(async (transaction) => {
      if (inviteCodeHash !== undefined) {
        const invite = { codeHash: inviteCodeHash, nowMs: account.createdAtMs };
        if (!(await useInvite(transaction, invite))) throw new InviteNotUsableError();
      }
      if (await isRetired(transaction, account.home)) throw new UsernameConflictError();
      return await insert(transaction, account);
    });
  }

  /** Records a login, unless the account has been disabled, removed or given another password. */
  async recordLogin(login: {
    readonly id: number;
    readonly passwordHash: string;
    readonly nowMs: number;
  }): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('account')
      .set({ last_login_at_ms: login.nowMs })
      .where('id', '=', login.id)
      .where('password_hash', '=', login.passwordHash)
      .where('enabled', '=', 1)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Sets the password hash, and whether the account must change the password at its next login. */
  async setPasswordHash(change: {
    readonly id: number;
    readonly passwordHash: string;
    readonly mustChange: boolean;
  }): Promise<void> {
    await this.#db
      .updateTable('account')
      .set({ password_hash: change.passwordHash, must_change_password: change.mustChange ? 1 : 0 })
      .where('id', '=', change.id)
      .execute();
  }

  async setMustChangePassword(id: number, mustChange: boolean): Promise<void> {
    const must_change_password = mustChange ? 1 : 0;
    await this.#db
      .updateTable('account')
      .set({ must_change_password })
      .where('id', '=', id)
      .execute();
  }

  /** @param expiresAtMs undefined: never. */
  async setExpiry(id: number, expiresAtMs: number | undefined): Promise<void> {
    await this.#db
      .updateTable('account')
      .set({ expires_at_ms: expiresAtMs ?? null })
      .where('id', '=', id)
      .execute();
  }

  /** Changes the password hash if it is still the one expected, and says whether it was. */
  async replacePasswordHash(change: {
    readonly id: number;
    readonly fromHash: string;
    readonly toHash: string;
    /** Left out: as before. */
    readonly mustChange?: boolean;
  }): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('account')
      .set({
        password_hash: change.toHash,
        ...(change.mustChange !== undefined && { must_change_password: change.mustChange ? 1 : 0 }),
      })
      .where('id', '=', change.id)
      .where('password_hash', '=', change.fromHash)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async setAccess(id: number, access: AccessSettings): Promise<void> {
    const stored = storedAccess(access);
    await this.#db.updateTable('account').set({ access: stored }).where('id', '=', id).execute();
  }

  /** @param groupId undefined for no group. */
  async setGroup(id: number, groupId: number | undefined): Promise<void> {
    const group_id = groupId ?? null;
    await this.#db.updateTable('account').set({ group_id }).where('id', '=', id).execute();
  }

  async setCutUploads(id: number, cutUploads: CutUploads | undefined): Promise<void> {
    await this.#db
      .updateTable('account')
      .set({ cut_uploads: cutUploads ?? null })
      .where('id', '=', id)
      .execute();
  }

  async setKeepDeleted(id: number, keepMs: number | undefined): Promise<void> {
    await this.#db
      .updateTable('account')
      .set({ keep_deleted_ms: keepMs ?? null })
      .where('id', '=', id)
      .execute();
  }

  async setCreation(id: number, creation: AccountCreation): Promise<void> {
    await this.#db.updateTable('account').set(columnsOf(creation)).where('id', '=', id).execute();
  }

  /** @param networks as `parseNetwork` returns them; undefined for all. */
  async setNetworks(id: number, networks: readonly string[] | undefined): Promise<void> {
    await this.#db
      .updateTable('account')
      .set({ networks: networks?.join(',') ?? null })
      .where('id', '=', id)
      .execute();
  }

  /** @param rates bytes per second; 0 for no limit, null for the server's default; those that are left out stay. */
  async setRates(
    id: number,
    rates: { readonly up?: number | null; readonly down?: number | null },
  ): Promise<void> {
    const { up: rate_up, down: rate_down } = rates;
    await this.#db
      .updateTable('account')
      .set({
        ...(rate_up !== undefined && { rate_up }),
        ...(rate_down !== undefined && { rate_down }),
      })
      .where('id', '=', id)
      .execute();
  }

  enable(id: number): Promise<void> {
    return this.#setEnabled(id, 1);
  }

  disable(id: number): Promise<void> {
    return this.#setEnabled(id, 0);
  }

  /** Removes an account with its quota and partials. Its home is kept from later sign-ups. */
  async remove(id: number, nowMs: number): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const removed = await transaction
        .deleteFrom('account')
        .where('id', '=', id)
        .returning('home')
        .executeTakeFirst();
      if (removed === undefined) return;
      await transaction
        .replaceInto('retired_home')
        .values({ home: removed.home, retired_at_ms: nowMs })
        .execute();
    });
  }

  async #setEnabled(id: number, enabled: 0 | 1): Promise<void> {
    await this.#db.updateTable('account').set({ enabled }).where('id', '=', id).execute();
  }

  #select() {
    return this.#db
      .selectFrom('account')
      .innerJoin('quota', 'quota.account_id', 'account.id')
      .leftJoin('account_group', 'account_group.id', 'account.group_id')
      .selectAll(['account', 'quota'])
      .select(['account_group.name as group_name', 'account_group.access as group_access']);
  }
}

async function insert(db: Kysely<Schema>, account: NewAccount): Promise<number> {
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
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const { limitBytes: limit_bytes, limitEntries: limit_entries } = account;
    await db.insertInto('quota').values({ account_id: id, limit_bytes, limit_entries }).execute();
    return id;
  } catch (error) {
    if (isUniqueViolation(error)) throw new UsernameConflictError();
    throw error;
  }
}

async function isRetired(db: Kysely<Schema>, home: string): Promise<boolean> {
  const row = await db
    .selectFrom('retired_home')
    .select('home')
    .where('home', '=', home)
    .executeTakeFirst();
  return row !== undefined;
}

interface AccountRow {
  readonly id: number;
  readonly username: string;
  readonly password_hash: string;
  readonly home: string;
  readonly enabled: number;
  readonly created_at_ms: number;
  readonly last_login_at_ms: number | null;
  readonly limit_bytes: number;
  readonly used_bytes: number;
  readonly cut_uploads: CutUploads | null;
  readonly keep_deleted_ms: number | null;
  readonly limit_entries: number;
  readonly used_entries: number;
  readonly umask: number | null;
  readonly file_mode: number | null;
  readonly directory_mode: number | null;
  readonly owner_uid: number | null;
  readonly owner_gid: number | null;
  readonly home_path: string | null;
  readonly home_id: string | null;
  readonly group_name: string | null;
  readonly group_access: string | null;
  readonly access: string | null;
  readonly expires_at_ms: number | null;
  readonly must_change_password: number;
  readonly networks: string | null;
  readonly rate_up: number | null;
  readonly rate_down: number | null;
}

function toRecord(row: AccountRow): AccountRecord {
  const ownAccess = readAccess(row.access);
  return {
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    home: row.home_path ?? row.home,
    homeId: row.home_id ?? undefined,
    enabled: row.enabled === 1,
    createdAtMs: row.created_at_ms,
    lastLoginAtMs: row.last_login_at_ms ?? undefined,
    limitBytes: row.limit_bytes,
    usedBytes: row.used_bytes,
    cutUploads: row.cut_uploads ?? undefined,
    keepDeletedMs: row.keep_deleted_ms ?? undefined,
    limitEntries: row.limit_entries,
    usedEntries: row.used_entries,
    creation: creationOf(row),
    group: row.group_name ?? undefined,
    ownAccess,
    access: mergedAccess(readAccess(row.group_access), ownAccess),
    expiresAtMs: row.expires_at_ms ?? undefined,
    mustChangePassword: row.must_change_password === 1,
    networks: row.networks?.split(','),
    rateUp: row.rate_up ?? undefined,
    rateDown: row.rate_down ?? undefined,
  };
}

function creationOf(row: AccountRow): AccountCreation {
  const { owner_uid: uid, owner_gid: gid } = row;
  return {
    umask: row.umask ?? undefined,
    fileMode: row.file_mode ?? undefined,
    directoryMode: row.directory_mode ?? undefined,
    owner: uid === null ? undefined : { uid, gid: gid ?? undefined },
  };
}

function columnsOf({ umask, fileMode, directoryMode, owner }: AccountCreation) {
  return {
    umask: umask ?? null,
    file_mode: fileMode ?? null,
    directory_mode: directoryMode ?? null,
    owner_uid: owner?.uid ?? null,
    owner_gid: owner?.gid ?? null,
  };
}
