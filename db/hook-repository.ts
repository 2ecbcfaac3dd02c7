import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** What a hook has still to be told. */
export interface HookDelivery {
  readonly id: number;
  /** The hook as the setting names it. */
  readonly hook: string;
  /** The event as JSON. */
  readonly event: string;
  readonly attempts: number;
  /** Undefined: it has failed too often. */
  readonly nextAtMs: number | undefined;
  readonly lastError: string | undefined;
  readonly createdAtMs: number;
}

export type NewHookDelivery = Pick<HookDelivery, 'hook' | 'event' | 'createdAtMs'>;

/** Deliveries of events to hooks, until they have succeeded. */
export class HookRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Adds deliveries, all or none; they are due at once. */
  async add(deliveries: readonly NewHookDelivery[]): Promise<void> {
    const rows = deliveries.map(({ hook, event, createdAtMs }) => ({
      hook,
      event,
      next_at_ms: createdAtMs,
      created_at_ms: createdAtMs,
    }));
    await this.#db.insertInto('hook_delivery').values(rows).execute();
  }

  /** Deliveries to a hook that are due, those that have waited longest first. */
  async due(
    hook: string,
    { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
  ): Promise<readonly HookDelivery[]> {
    const rows = await this.#db
      .selectFrom('hook_delivery')
      .selectAll()
      .where('next_at_ms', '<=', nowMs)
      .where('hook', '=', hook)
      .orderBy('next_at_ms')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toDelivery);
  }

  async succeeded(ids: readonly number[]): Promise<void> {
    await this.#db.deleteFrom('hook_delivery').where('id', 'in', ids).execute();
  }

  /** @param nextAtMs is undefined where nothing more is tried. */
  async failed(
    id: number,
    { error, nextAtMs }: { readonly error: string; readonly nextAtMs: number | undefined },
  ): Promise<void> {
    await this.#db
      .updateTable('hook_delivery')
      .set(({ eb }) => ({
        attempts: eb('attempts', '+', 1),
        last_error: error,
        next_at_ms: nextAtMs ?? null,
      }))
      .where('id', '=', id)
      .execute();
  }

  /** All deliveries that are left, oldest first. */
  async list(limit: number): Promise<readonly HookDelivery[]> {
    const rows = await this.#db
      .selectFrom('hook_delivery')
      .selectAll()
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toDelivery);
  }

  /**
   * Makes deliveries due now, with all attempts before them.
   *
   * @param ids those that are meant; all if left out.
   * @returns how many there are.
   */
  async retry(nowMs: number, ids?: readonly number[]): Promise<number> {
    const { numUpdatedRows } = await this.#db
      .updateTable('hook_delivery')
      .set({ attempts: 0, next_at_ms: nowMs })
      .$if(ids !== undefined, (query) => query.where('id', 'in', ids ?? []))
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /** Removes deliveries from before a time. @returns how many there were. */
  async removeBefore(timeMs: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('hook_delivery')
      .where('created_at_ms', '<', timeMs)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
}

interface HookDeliveryRow {
  readonly id: number;
  readonly hook: string;
  readonly event: string;
  readonly attempts: number;
  readonly next_at_ms: number | null;
  readonly last_error: string | null;
  readonly created_at_ms: number;
}

function toDelivery(row: HookDeliveryRow): HookDelivery {
  return {
    id: row.id,
    hook: row.hook,
    event: row.event,
    attempts: row.attempts,
    nextAtMs: row.next_at_ms ?? undefined,
    lastError: row.last_error ?? undefined,
    createdAtMs: row.created_at_ms,
  };
}
