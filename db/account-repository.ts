import { type Kysely, sql } from 'kysely';
import { type AccessSettings, storedAccess } from './access-settings.ts';
import {
  createAccount,
  insertAccount,
  type NewAccount,
  UsernameConflictError,
} from './account-insertion.ts';
import {
  type AccountCreation,
  type AccountRecord,
  type CutUploads,
  columnsOf,
  toRecord,
} from './account-row.ts';
import { FOLDER_ACCOUNT_PREFIX } from './folder-account.ts';
import { MOUNTS_OF_ACCOUNT } from './folder-mount.ts';
import { useInvite } from './invite-repository.ts';
import type { Schema } from './schema.ts';

export interface SignUp extends NewAccount {
  /** SHA-256 of the invite's code; `undefined` where none is needed. */
  readonly inviteCodeHash: string | undefined;
}

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

  /** Without those of shared folders. */
  async count(): Promise<number> {
    const { accounts } = await this.#db
      .selectFrom('account')
      .where('username', 'not like', `${FOLDER_ACCOUNT_PREFIX}%`)
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
    return this.#db.transaction().execute((transaction) => createAccount(transaction, account));
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
      return await insertAccount(transaction, account);
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
      .select(['account_group.name as group_name', 'account_group.access as group_access'])
      .select(MOUNTS_OF_ACCOUNT.as('folders'));
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
