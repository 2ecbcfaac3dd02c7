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
}

/** Bans of networks. */
export class BanRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Bans a network, in place of an earlier ban of the same network. */
  async add({ network, reason, createdAtMs, expiresAtMs }: Ban): Promise<void> {
    const values = { reason, created_at_ms: createdAtMs, expires_at_ms: expiresAtMs ?? null };
    await this.#db
      .insertInto('ban')
      .values({ network, ...values })
      .onConflict((conflict) => conflict.column('network').doUpdateSet(values))
      .execute();
  }

  /** @returns whether the network was banned. */
  async remove(network: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('ban')
      .where('network', '=', network)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async removeExpired(nowMs: number): Promise<void> {
    await this.#db.deleteFrom('ban').where('expires_at_ms', '<=', nowMs).execute();
  }

  /** The bans in force, oldest first. */
  async list(nowMs: number): Promise<readonly Ban[]> {
    const rows = await this.#db
      .selectFrom('ban')
      .selectAll()
      .where(({ eb, or }) => or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', nowMs)]))
      .orderBy('created_at_ms')
      .orderBy('network')
      .execute();
    return rows.map((row) => ({
      network: row.network,
      reason: row.reason,
      createdAtMs: row.created_at_ms,
      expiresAtMs: row.expires_at_ms ?? undefined,
    }));
  }
}
