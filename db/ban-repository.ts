import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A network whose clients are refused. */
export interface Ban {
  /** An address, or a network as `203.0.113.0/24`. */
  readonly network: string;
  readonly reason: string;
  readonly createdAtMs: number;
  /** Undefined: it does not expire. */
  readonly expiresAtMs: number | undefined;
  /** The administrator, or the guard of the server. */
  readonly by: 'admin' | 'guard';
  /** Bans of this network by the guard in a row, this one included; 1 for the administrator's. */
  readonly times: number;
}

/** Bans of networks. Those of the guard outlive their end, so that the next one is longer. */
export class BanRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Bans a network, in place of an earlier ban of the same network. */
  async add(ban: Ban): Promise<void> {
    const { network, ...values } = toRow(ban);
    await this.#db
      .insertInto('ban')
      .values({ network, ...values })
      .onConflict((conflict) => conflict.column('network').doUpdateSet(values))
      .execute();
  }

  /**
   * Changes bans of the guard, all or none. Bans of the administrator that are in force stay as they are.
   *
   * @param removed networks.
   */
  async saveGuardBans(bans: readonly Ban[], removed: readonly string[]): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const ban of bans) {
        const { network, ...values } = toRow(ban);
        await transaction
          .insertInto('ban')
          .values({ network, ...values })
          .onConflict((conflict) =>
            conflict
              .column('network')
              .doUpdateSet(values)
              .where(({ eb, or }) =>
                or([eb('ban.by_guard', '=', 1), eb('ban.expires_at_ms', '<=', ban.createdAtMs)]),
              ),
          )
          .execute();
      }
      for (const network of removed) {
        await transaction
          .deleteFrom('ban')
          .where('network', '=', network)
          .where('by_guard', '=', 1)
          .execute();
      }
    });
  }

  /** @returns whether the network was banned. What the guard remembers of it goes as well. */
  async remove(network: string, nowMs: number): Promise<boolean> {
    const removed = await this.#db
      .deleteFrom('ban')
      .where('network', '=', network)
      .returning('expires_at_ms')
      .executeTakeFirst();
    return removed !== undefined && (removed.expires_at_ms ?? nowMs + 1) > nowMs;
  }

  /** Removes bans of the administrator that have expired. */
  async removeExpired(nowMs: number): Promise<void> {
    await this.#db
      .deleteFrom('ban')
      .where('expires_at_ms', '<=', nowMs)
      .where('by_guard', '=', 0)
      .execute();
  }

  /** The bans in force, oldest first. */
  async list(nowMs: number): Promise<readonly Ban[]> {
    const bans = await this.all();
    return bans.filter(({ expiresAtMs }) => (expiresAtMs ?? nowMs + 1) > nowMs);
  }

  /** All bans, those that have expired included, oldest first. */
  async all(): Promise<readonly Ban[]> {
    const rows = await this.#db
      .selectFrom('ban')
      .selectAll()
      .orderBy('created_at_ms')
      .orderBy('network')
      .execute();
    return rows.map((row) => ({
      network: row.network,
      reason: row.reason,
      createdAtMs: row.created_at_ms,
      expiresAtMs: row.expires_at_ms ?? undefined,
      by: row.by_guard === 1 ? 'guard' : 'admin',
      times: row.times,
    }));
  }
}

function toRow({ network, reason, createdAtMs, expiresAtMs, by, times }: Ban) {
  return {
    network,
    reason,
    created_at_ms: createdAtMs,
    expires_at_ms: expiresAtMs ?? null,
    by_guard: by === 'guard' ? 1 : 0,
    times,
  };
}
