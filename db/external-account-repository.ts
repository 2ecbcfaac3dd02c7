import type { Kysely } from 'kysely';
import { storedAccess } from './access-settings.ts';
import { type AccountRecord, NO_PASSWORD } from './account-row.ts';
import type { Schema } from './schema.ts';

/** Settings of an account that are to be changed; what is left out stays. */
export type AccountChange = Partial<
  Pick<
    AccountRecord,
    | 'limitBytes'
    | 'limitEntries'
    | 'group'
    | 'ownAccess'
    | 'expiresAtMs'
    | 'networks'
    | 'rateUp'
    | 'rateDown'
  >
>;

/** Accounts whose passwords another system keeps. */
export class ExternalAccountRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Whether there is a group. @param name in lower case. */
  async hasGroup(name: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('account_group')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Changes settings, all or none.
   *
   * @returns whether the account still exists, has no password of its own, and the group exists.
   */
  async update(id: number, change: AccountChange): Promise<boolean> {
    return await this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('account')
        .set(({ selectFrom }) => ({
          // A statement has to set something.
          password_hash: NO_PASSWORD,
          ...accountColumns(change),
          ...(change.group !== undefined && {
            group_id: selectFrom('account_group').select('id').where('name', '=', change.group),
          }),
        }))
        .where('id', '=', id)
        .where('password_hash', '=', NO_PASSWORD)
        .$if(change.group !== undefined, (query) =>
          query.where(({ exists, selectFrom }) =>
            exists(
              selectFrom('account_group')
                .select('account_group.id')
                .where('name', '=', change.group ?? ''),
            ),
          ),
        )
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      const quota = quotaColumns(change);
      if (Object.keys(quota).length > 0)
        await transaction.updateTable('quota').set(quota).where('account_id', '=', id).execute();
      return true;
    });
  }
}

function accountColumns(change: AccountChange) {
  const { ownAccess, expiresAtMs, networks, rateUp, rateDown } = change;
  return {
    ...('group' in change && { group_id: null }),
    ...(ownAccess !== undefined && { access: storedAccess(ownAccess) }),
    ...('expiresAtMs' in change && { expires_at_ms: expiresAtMs ?? null }),
    ...('networks' in change && { networks: networks?.join(',') ?? null }),
    ...('rateUp' in change && { rate_up: rateUp ?? null }),
    ...('rateDown' in change && { rate_down: rateDown ?? null }),
  };
}

function quotaColumns({ limitBytes, limitEntries }: AccountChange) {
  return {
    ...(limitBytes !== undefined && { limit_bytes: limitBytes }),
    ...(limitEntries !== undefined && { limit_entries: limitEntries }),
  };
}
