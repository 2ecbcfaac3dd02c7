import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** An invite, without its code: that is not kept. */
export interface Invite {
  readonly id: number;
  readonly createdAtMs: number;
  /** `undefined`: it does not expire. */
  readonly expiresAtMs: number | undefined;
  readonly maxUses: number;
  readonly uses: number;
  readonly revokedAtMs: number | undefined;
}

export interface NewInvite {
  /** SHA-256 of the code in hexadecimal. */
  readonly codeHash: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly maxUses: number;
}

/** Invites to sign up. Using one is part of creating the account: see {@link useInvite}. */
export class InviteRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async create({ codeHash, createdAtMs, expiresAtMs, maxUses }: NewInvite): Promise<Invite> {
    const { id } = await this.#db
      .insertInto('invite')
      .values({
        code_hash: codeHash,
        created_at_ms: createdAtMs,
        expires_at_ms: expiresAtMs ?? null,
        max_uses: maxUses,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { id, createdAtMs, expiresAtMs, maxUses, uses: 0, revokedAtMs: undefined };
  }

  async list(): Promise<readonly Invite[]> {
    const rows = await this.#db.selectFrom('invite').selectAll().orderBy('id').execute();
    return rows.map((row) => ({
      id: row.id,
      createdAtMs: row.created_at_ms,
      expiresAtMs: row.expires_at_ms ?? undefined,
      maxUses: row.max_uses,
      uses: row.uses,
      revokedAtMs: row.revoked_at_ms ?? undefined,
    }));
  }

  /** Whether one more account could sign up with the code. */
  async isUsable(codeHash: string, nowMs: number): Promise<boolean> {
    const row = await this.#db
      .selectFrom('invite')
      .select('id')
      .where('code_hash', '=', codeHash)
      .where(hasUsesLeft(nowMs))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Revokes an invite, and says whether there was one that had not been revoked before. */
  async revoke(id: number, nowMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('invite')
      .set({ revoked_at_ms: nowMs })
      .where('id', '=', id)
      .where('revoked_at_ms', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }
}

/** Counts one use of an invite, if it can be used, and says whether it could. */
export async function useInvite(
  db: Kysely<Schema>,
  { codeHash, nowMs }: { readonly codeHash: string; readonly nowMs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('invite')
    .set({ uses: sql`uses + 1` })
    .where('code_hash', '=', codeHash)
    .where(hasUsesLeft(nowMs))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function hasUsesLeft(nowMs: number) {
  return sql<SqlBool>`revoked_at_ms IS NULL AND uses < max_uses
    AND (expires_at_ms IS NULL OR expires_at_ms > ${nowMs})`;
}
