import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import { durably } from './durably.ts';
import type { Schema } from './schema.ts';

/**
 * A transfer of a file, a login or a sign-up, as it has ended; a ban, the end of a session by an administrator, or a
 * command that changes accounts; a file that retention has deleted.
 */
export type AuditEvent = TransferEvent | AccessEvent | RetentionEvent;

interface CommonFacts {
  /** The number of the receipt; no other event has it. */
  readonly id: number;
  readonly atMs: number;
  readonly outcome: 'ok' | 'failed';
  /** Why it failed, or was done; the command of an administrator. */
  readonly reason: string | undefined;
  /** Empty if there is none. */
  readonly session: string;
  /** Address of the client; of a ban, the network. */
  readonly address: string;
  readonly username: string;
}

export interface AccessEvent extends CommonFacts {
  readonly kind: 'login' | 'signup' | 'ban' | 'kick' | 'admin';
}

export interface TransferEvent extends CommonFacts {
  readonly kind: 'transfer';
  readonly verb: string;
  readonly direction: 'upload' | 'download';
  readonly path: string;
  readonly offsetBytes: number;
  readonly movedBytes: number;
  readonly durationMs: number;
  /** Digest of the complete file, if it was computed. */
  readonly sha256: string | undefined;
}

/** A file that was deleted because a rule of its account says so. It has neither session nor address. */
export interface RetentionEvent extends CommonFacts {
  readonly kind: 'retention';
  /** Its age, or a quota that was full. */
  readonly reason: RetentionReason;
  readonly path: string;
  readonly sizeBytes: number;
}

export type RetentionReason = 'age' | 'quota';

/** A digest that has come after its event. */
export interface LateDigest {
  readonly id: number;
  readonly sha256: string;
}

/** Which events; what is left out does not matter. */
export interface AuditFilter {
  readonly kind?: AuditEvent['kind'] | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
  readonly username?: string | undefined;
  /** A path with everything below it or, with `*`, `?` or `[`, a pattern, whose `*` also matches slashes. */
  readonly path?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** Rows of one statement, at most. Each statement has a power of two of them, so that there are few to compile. */
const ROWS_AT_ONCE = 128;

/** The audit log of the server, in the order in which events ended. */
export class AuditRepository {
  readonly #db: Kysely<Schema>;
  /** Prepared statements by number of rows. */
  readonly #inserts = new Map<number, string>();

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /**
   * Takes numbers that no other event gets, not even after a power cut: this one statement waits for the disk.
   *
   * @returns the first of them.
   */
  reserveNumbers(count: number): Promise<number> {
    return durably(this.#db, async (connection) => {
      const { next_number } = await connection
        .updateTable('receipt_number')
        .set({ next_number: sql`next_number + ${count}` })
        .returning('next_number')
        .executeTakeFirstOrThrow();
      return next_number - count;
    });
  }

  /** Keeps events and digests, all or none. Those that are kept already stay as they are. */
  async save(events: readonly AuditEvent[], digests: readonly LateDigest[]): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (let start = 0, rows = ROWS_AT_ONCE; start < events.length; ) {
        while (rows > events.length - start) rows /= 2;
        await transaction.executeQuery(this.#insertOf(events.slice(start, start + rows)));
        start += rows;
      }
      for (const { id, sha256 } of digests) {
        await transaction.updateTable('audit_event').set({ sha256 }).where('id', '=', id).execute();
      }
    });
  }

  /** The statement for a number of rows is compiled once: compiling takes longer than running it. */
  #insertOf(events: readonly AuditEvent[]): CompiledQuery {
    const text = this.#inserts.get(events.length) ?? this.#insertText(events);
    this.#inserts.set(events.length, text);
    return CompiledQuery.raw(text, parametersOf(events));
  }

  #insertText(events: readonly AuditEvent[]): string {
    const insert = this.#db
      .insertInto('audit_event')
      .values(events.map(toRow))
      .onConflict((conflict) => conflict.doNothing());
    return insert.compile().sql;
  }

  /** Newest events first; `beforeId` continues after the last event of the page before. */
  async list(
    filter: AuditFilter,
    page: { readonly beforeId?: number | undefined; readonly limit: number },
  ): Promise<readonly AuditEvent[]> {
    const { kind, outcome, username, path, sinceMs, untilMs } = filter;
    const { beforeId } = page;
    const rows = await this.#db
      .selectFrom('audit_event')
      .selectAll()
      .$if(beforeId !== undefined, (query) => query.where('id', '<', beforeId ?? 0))
      .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'transfer'))
      .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome ?? 'ok'))
      .$if(username !== undefined, (query) =>
        query.where(sql<boolean>`lower(username) = ${username?.toLowerCase()}`),
      )
      .$if(path !== undefined, (query) => query.where(matches(path ?? '/')))
      .$if(sinceMs !== undefined, (query) => query.where('at_ms', '>=', sinceMs ?? 0))
      .$if(untilMs !== undefined, (query) => query.where('at_ms', '<', untilMs ?? 0))
      .orderBy('id', 'desc')
      .limit(page.limit)
      .execute();
    return rows.map(toEvent);
  }

  /**
   * Removes events from before a time, a few at once.
   *
   * @returns whether there may be more of them.
   */
  async removeBefore(timeMs: number, atMost: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('audit_event')
      .where('id', 'in', (query) =>
        query.selectFrom('audit_event').select('id').orderBy('id').limit(atMost),
      )
      .where('at_ms', '<', timeMs)
      .executeTakeFirst();
    return numDeletedRows === BigInt(atMost);
  }
}

function matches(path: string): RawBuilder<boolean> {
  if (/[*?[]/.test(path)) return sql<boolean>`path GLOB ${path}`;
  const directory = path.endsWith('/') ? path : `${path}/`;
  return sql<boolean>`(path = ${path} OR substr(path, 1, length(${directory})) = ${directory})`;
}

type AuditRow = Schema['audit_event'];

function toRow(event: AuditEvent): AuditRow {
  const transfer = event.kind === 'transfer' ? event : undefined;
  return {
    id: event.id,
    at_ms: event.atMs,
    kind: event.kind,
    outcome: event.outcome,
    reason: event.reason ?? null,
    session: event.session,
    address: event.address,
    username: event.username,
    verb: transfer?.verb ?? null,
    direction: transfer?.direction ?? null,
    path: event.kind === 'transfer' || event.kind === 'retention' ? event.path : null,
    offset_bytes: transfer?.offsetBytes ?? null,
    moved_bytes: movedBytesOf(event),
    duration_ms: transfer?.durationMs ?? null,
    sha256: transfer?.sha256 ?? null,
  };
}

/** Of a file that was deleted, its size. */
function movedBytesOf(event: AuditEvent): number | null {
  if (event.kind === 'retention') return event.sizeBytes;
  return event.kind === 'transfer' ? event.movedBytes : null;
}

/** The values of as many rows, in the order of their columns. */
function parametersOf(events: readonly AuditEvent[]): unknown[] {
  const parameters: unknown[] = [];
  for (const event of events) {
    const row = toRow(event);
    for (const column in row) parameters.push(row[column as keyof AuditRow]);
  }
  return parameters;
}

function toEvent(row: AuditRow): AuditEvent {
  const { id, at_ms: atMs, kind, outcome, session, address, username } = row;
  const common = { id, atMs, outcome, session, address, username, reason: row.reason ?? undefined };
  if (kind === 'retention') {
    const reason = row.reason === 'quota' ? 'quota' : 'age';
    return { ...common, kind, reason, path: row.path ?? '', sizeBytes: row.moved_bytes ?? 0 };
  }
  if (kind !== 'transfer') return { ...common, kind };
  return {
    ...common,
    kind,
    verb: row.verb ?? '',
    direction: row.direction ?? 'download',
    path: row.path ?? '',
    offsetBytes: row.offset_bytes ?? 0,
    movedBytes: row.moved_bytes ?? 0,
    durationMs: row.duration_ms ?? 0,
    sha256: row.sha256 ?? undefined,
  };
}
