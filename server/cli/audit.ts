import type { AuditEvent, AuditFilter, AuditRepository } from '../../db/audit-repository.ts';
import { parseMoment } from '../config/moment.ts';
import { type AdministrationRequest, administer } from './administration.ts';
import { auditLine, auditTable } from './audit-views.ts';
import { UsageError } from './command-context.ts';

const PAGE_EVENTS = 1000;

/** A longer table would not be read, and is laid out in memory. */
const MAX_TABLE_EVENTS = 10_000;

const KINDS: Readonly<Record<string, AuditEvent['kind']>> = {
  transfers: 'transfer',
  logins: 'login',
  signups: 'signup',
  bans: 'ban',
  kicks: 'kick',
  admin: 'admin',
  retention: 'retention',
};

/** Runs `myftp-server audit`. */
export async function showAudit(request: AdministrationRequest): Promise<void> {
  const { context, options } = request;
  const { stdout } = context;
  const filter = filterIn(options);
  const limit = limitIn(String(options.limit));
  await administer({ ...request, ifMissing: 'refuse' }, async ({ auditEvents }) => {
    if (options.json === true) {
      for await (const page of pages(auditEvents, filter, limit)) {
        stdout.write(page.map(auditLine).join(''));
      }
      return;
    }
    const shown: AuditEvent[] = [];
    for await (const page of pages(auditEvents, filter, Math.min(limit, MAX_TABLE_EVENTS))) {
      shown.push(...page);
    }
    stdout.write(shown.length === 0 ? 'There are no such events.\n' : auditTable(shown));
  });
}

/** Page by page, so that a long trail is never in memory whole. */
async function* pages(
  events: Pick<AuditRepository, 'list'>,
  filter: AuditFilter,
  limit: number,
): AsyncGenerator<readonly AuditEvent[]> {
  let left = limit;
  let beforeId: number | undefined;
  while (left > 0) {
    const page = await events.list(filter, { beforeId, limit: Math.min(PAGE_EVENTS, left) });
    if (page.length === 0) return;
    yield page;
    left -= page.length;
    beforeId = page.at(-1)?.id;
  }
}

function filterIn(options: AdministrationRequest['options']): AuditFilter {
  const nowMs = Date.now();
  const { kind, user, path, outcome, since, until } = options;
  return {
    kind: kind === undefined ? undefined : kindIn(String(kind)),
    username: user === undefined ? undefined : String(user),
    path: path === undefined ? undefined : absolute(String(path)),
    outcome: outcome === undefined ? undefined : outcomeIn(String(outcome)),
    sinceMs: since === undefined ? undefined : timeIn('--since', String(since), nowMs),
    untilMs: until === undefined ? undefined : timeIn('--until', String(until), nowMs),
  };
}

function kindIn(text: string): AuditEvent['kind'] {
  const kind = Object.hasOwn(KINDS, text) ? KINDS[text] : undefined;
  if (kind !== undefined) return kind;
  throw new UsageError(
    `--kind: ${JSON.stringify(text)} is none. Write ${Object.keys(KINDS).join(', ')}.`,
  );
}

function outcomeIn(text: string): AuditEvent['outcome'] {
  if (text === 'ok' || text === 'failed') return text;
  throw new UsageError(`--outcome: ${JSON.stringify(text)} is none. Write ok or failed.`);
}

/** Paths are those of the account's tree; a pattern may begin with anything. */
function absolute(path: string): string {
  return /^[/*?[]/.test(path) ? path : `/${path}`;
}

/** `24h` is so long ago; else a date. */
function timeIn(flag: string, text: string, nowMs: number): number {
  const ms = parseMoment(text, (durationMs) => nowMs - durationMs);
  if (ms !== undefined) return ms;
  throw new UsageError(
    `${flag}: ${JSON.stringify(text)} is not a time. Write one such as 24h, 2026-01-31 or 2026-01-31T12:00.`,
  );
}

function limitIn(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(
    `--limit: ${JSON.stringify(text)} is not a number of events. Write one from 1 on, or all.`,
  );
}
