import type { RetentionReason } from '../../db/audit-repository.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { Hooks } from '../hooks/hooks.ts';
import type { Logs } from '../logging/logging.ts';
import type { RetainedFile } from './account-tree.ts';

interface RetentionLogDeps {
  readonly audit: Pick<AuditTrail, 'record'>;
  readonly hooks: Pick<Hooks, 'add'>;
  readonly logs: Pick<Logs, 'transfers' | 'server'>;
  readonly now: () => number;
}

/** Tells log, audit log, metrics and hooks of files that rules have deleted. */
export class RetentionLog {
  readonly #deps: RetentionLogDeps;

  constructor(deps: RetentionLogDeps) {
    this.#deps = deps;
  }

  deleted(username: string, { path, sizeBytes }: RetainedFile, reason: RetentionReason): void {
    const { audit, hooks, logs, now } = this.#deps;
    const byServer = { session: '', address: '', username };
    logs.transfers.info({ username, path, bytes: sizeBytes, reason }, 'retention deleted a file');
    const event = { kind: 'retention', outcome: 'ok', atMs: now(), ...byServer } as const;
    audit.record({ ...event, path, sizeBytes, reason });
    hooks.add({ event: 'delete', ...byServer, path, reason });
  }

  failed(facts: { readonly username?: string; readonly path?: string }, err: unknown): void {
    this.#deps.logs.server.error({ ...facts, err }, 'old files of an account cannot be deleted');
  }
}
