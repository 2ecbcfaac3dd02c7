import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { EventCounts } from '../audit/event-counts.ts';
import type { MyFtpServer } from '../ftp-srv/myftp-server.ts';
import type { Session } from '../session/session.ts';

/** What the metrics are read from, each time that they are asked for. */
export interface MetricsSource {
  readonly server: Pick<MyFtpServer, 'sessions' | 'isDraining'>;
  readonly counts: EventCounts;
  readonly version: string;
  /** May change. */
  readonly limits: { readonly maxSessions: number };
}

/** The metrics of the server, and those of Node and its process that Prometheus has names for. */
export function metricsOf(source: MetricsSource): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addSessionMetrics(registry, source);
  addEventMetrics(registry, source.counts);
  addRetentionMetrics(registry, source.counts);
  new Gauge({
    name: 'myftp_info',
    help: 'Version of the server; the value is always 1.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: source.version }, 1);
  return registry;
}

function addSessionMetrics(registry: Registry, { server, limits }: MetricsSource): void {
  const countOf = (isMeant: (session: Session) => boolean) => () =>
    [...server.sessions].filter(isMeant).length;
  const gauge = newGauges(registry);
  gauge('myftp_sessions', 'Sessions.', () => server.sessions.size);
  gauge(
    'myftp_sessions_logged_in',
    'Sessions that are logged in.',
    countOf((session) => session.isLoggedIn),
  );
  gauge(
    'myftp_transfers_running',
    'Transfers that are running, listings included.',
    countOf((session) => session.transferring !== undefined),
  );
  gauge(
    'myftp_sessions_limit',
    'Most sessions at a time (--max-sessions).',
    () => limits.maxSessions,
  );
  gauge('myftp_draining', '1 while further clients are refused.', () => Number(server.isDraining));
}

function newGauges(registry: Registry) {
  return (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
}

function addEventMetrics(registry: Registry, counts: EventCounts): void {
  const counter = newCounters(registry);
  const outcomes = ({ ok, failed }: { ok: number; failed: number }, more: Labels = {}) => [
    { labels: { ...more, outcome: 'ok' }, value: ok },
    { labels: { ...more, outcome: 'failed' }, value: failed },
  ];
  counter('myftp_connections_total', 'Clients that have connected.', ['outcome'], () =>
    Object.entries(counts.connections).map(([outcome, value]) => ({ labels: { outcome }, value })),
  );
  counter('myftp_logins_total', 'Logins.', ['outcome'], () => outcomes(counts.logins));
  counter('myftp_signups_total', 'Sign-ups.', ['outcome'], () => outcomes(counts.signups));
  counter('myftp_bans_total', 'Addresses that the guard has banned.', [], () => [
    { labels: {}, value: counts.bans },
  ]);
  counter('myftp_offences_total', 'Offences of clients, by kind.', ['offence'], () =>
    [...counts.offences].map(([offence, value]) => ({ labels: { offence }, value })),
  );
  const transfers = Object.entries(counts.transfers);
  counter('myftp_transfers_total', 'Transfers of files.', ['direction', 'outcome'], () =>
    transfers.flatMap(([direction, one]) => outcomes(one, { direction })),
  );
  counter(
    'myftp_transferred_bytes_total',
    'Bytes of the transfers that have ended.',
    ['direction'],
    () => transfers.map(([direction, { bytes }]) => ({ labels: { direction }, value: bytes })),
  );
}

/** Files that rules of accounts have deleted. */
function addRetentionMetrics(registry: Registry, { retention }: EventCounts): void {
  const counter = newCounters(registry);
  const reasons = Object.entries(retention);
  counter(
    'myftp_retention_deleted_files_total',
    'Files that retention has deleted: for their age, or because the quota was full.',
    ['reason'],
    () => reasons.map(([reason, { files }]) => ({ labels: { reason }, value: files })),
  );
  counter('myftp_retention_deleted_bytes_total', 'Bytes of these files.', ['reason'], () =>
    reasons.map(([reason, { bytes }]) => ({ labels: { reason }, value: bytes })),
  );
}

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

function newCounters(registry: Registry) {
  return (name: string, help: string, labelNames: string[], samples: () => readonly Sample[]) =>
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, value } of samples()) this.inc(labels, value);
      },
    });
}
