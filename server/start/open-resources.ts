import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { wasInterrupted } from '../../db/last-run.ts';
import { migrate } from '../../db/migrate.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import type { Settings } from '../config/settings.ts';
import { ControlPorts } from '../control/control-ports.ts';
import { maxPassivePorts } from '../data/max-passive-ports.ts';
import { PassivePorts } from '../data/passive-ports.ts';
import type { CreationSettings } from '../disk/creation-rules.ts';
import { startErrorFor } from '../errors/start-error.ts';
import type { Logs } from '../logging/logging.ts';
import { MetricsServer } from '../metrics/metrics-server.ts';
import { PublicAddresses } from '../network/public-addresses.ts';
import { requireOpenFiles } from '../session/open-files.ts';
import { openFilesLimit } from '../system/open-files-limit.ts';
import { type OpenIdentity, openIdentity } from '../tls/open-identity.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { requireFileOwner } from './file-owner.ts';
import { requirePrograms } from './hook-files.ts';
import { HookSecret } from './hook-secret.ts';
import { becomeUser, requireAccess } from './process-user.ts';
import type { OwnedDirectories } from './take-directories.ts';
import type { Teardown } from './teardown.ts';

export interface StartOptions {
  readonly settings: Settings;
  readonly logs: Logs;
  readonly now?: () => number;
  /** Result of {@link takeDirectories}. The server releases them when it has stopped or cannot start. */
  readonly directories: OwnedDirectories;
  /** Reads the settings once more, for a reload. @throws ConfigError */
  readonly rereadSettings?: () => Settings;
  /** Starts a thread of the worker pool: tests load it from a bundle. */
  readonly startThread?: () => Worker;
}

/** What a start opens, and what serving needs all the time. */
export interface Resources extends Required<StartOptions> {
  readonly controlPorts: ControlPorts;
  readonly ports: PassivePorts;
  readonly publicAddresses: PublicAddresses;
  readonly identity: OpenIdentity | undefined;
  readonly database: Database;
  readonly workers: WorkerPool;
  /** Modes and owner of new files. */
  readonly creation: CreationSettings;
  /** Undefined without `--metrics`. */
  readonly metrics: MetricsServer | undefined;
  readonly hookSecret: HookSecret;
}

/**
 * Opens ports, certificate and database. What fails most comes first.
 *
 * @param teardown gets what closes them if a later step of the start fails.
 * @throws StartError
 */
export async function openResources(
  options: Required<StartOptions>,
  teardown: Teardown,
): Promise<Resources> {
  const { settings, logs, now } = options;
  requireOpenFiles(settings);
  const controlPorts = await ControlPorts.open({ ...settings, log: logs.server });
  teardown.add(() => controlPorts.close());
  const { host, pasvRange: range } = settings;
  const maxOpen = maxPassivePorts(openFilesLimit());
  const ports = new PassivePorts({ host, range, maxOpen, log: logs.server, now });
  teardown.add(() => ports.close());
  await ports.open().catch((error: unknown) => {
    throw startErrorFor({ setting: range ? '--pasv-range' : '--host', error });
  });
  const metrics = await openMetrics(settings, teardown);
  dropPrivileges(options);
  requirePrograms(settings);
  const hookSecret = new HookSecret(settings.hookSecret);
  const creation = requireFileOwner(settings);
  const publicAddresses = new PublicAddresses({ hosts: settings.publicHosts, log: logs.server });
  teardown.add(() => publicAddresses.stop());
  await publicAddresses.start();
  const identity = await openIdentity({ settings, log: logs.server, now });
  teardown.add(() => identity?.close());
  const database = await openMigrated(settings).catch((error: unknown) => {
    throw startErrorFor({ setting: '--data', error });
  });
  teardown.add(() => database.close());
  const workers = new WorkerPool({
    startWorker: options.startThread,
    onWarning: ({ message, reason }) => logs.server.warn({ reason }, message),
  });
  teardown.add(() => workers.close());
  const opened = { controlPorts, ports, publicAddresses, identity, database, workers, metrics };
  return { ...options, ...opened, creation, hookSecret };
}

async function openMetrics(
  { metrics: address }: Settings,
  teardown: Teardown,
): Promise<MetricsServer | undefined> {
  if (address === undefined) return undefined;
  const metrics = await MetricsServer.open(address).catch((error: unknown) => {
    throw startErrorFor({ setting: '--metrics', error });
  });
  teardown.add(() => metrics.close());
  return metrics;
}

/** Ports below 1024 are bound by now; all else is done as the user of the settings. */
function dropPrivileges({ settings, logs, directories: { user } }: Required<StartOptions>): void {
  if (user !== undefined) {
    becomeUser(user);
    requireAccess(user, settings);
    return;
  }
  if (process.geteuid?.() === 0) logs.server.warn(AS_ROOT);
}

const AS_ROOT =
  'running as root: a fault of the server would have all rights on this machine; start it as another user, or name one with --user';

/** After a run that ended badly, the database is read through before it is used. */
async function openMigrated({ dataDir }: Settings): Promise<Database> {
  const database = openDatabase(join(dataDir, 'myftp.db'));
  try {
    if (await wasInterrupted(database.queries)) database.checkIntegrity();
    await migrate(database.queries);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
