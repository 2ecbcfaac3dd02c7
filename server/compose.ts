import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { AccountRepository } from '../db/account-repository.ts';
import { AuditRepository } from '../db/audit-repository.ts';
import { DataRootRepository } from '../db/data-root-repository.ts';
import { InviteRepository } from '../db/invite-repository.ts';
import { migrate } from '../db/migrate.ts';
import { type Database, openDatabase } from '../db/open-database.ts';
import { PartialRepository } from '../db/partial-repository.ts';
import { QuotaRepository } from '../db/quota-repository.ts';
import { RecountRepository } from '../db/recount-repository.ts';
import { RunStateRepository, wasInterrupted } from '../db/run-state-repository.ts';
import { Accounts } from './accounts/accounts.ts';
import { GuessGuard } from './accounts/guess-guard.ts';
import { HomeDirectories } from './accounts/home-directories.ts';
import { LoginThrottle } from './accounts/login-throttle.ts';
import { PasswordHash } from './accounts/password-hash.ts';
import { SignUpRate } from './accounts/signup-rate.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { Checksums } from './checksums/checksum.ts';
import { UploadDigests } from './checksums/upload-digest.ts';
import { readVersion } from './cli/version.ts';
import { commandTable } from './commands/command-table.ts';
import type { Settings } from './config/settings.ts';
import { ControlPorts } from './control/control-ports.ts';
import { TransferBuffers } from './data/buffer-pool.ts';
import { maxPassivePorts, openFilesLimit } from './data/open-files-limit.ts';
import { PassivePorts } from './data/passive-ports.ts';
import { DiskSyncs, leftToTheSystem } from './disk/durability.ts';
import { UserStorages } from './files/user-storages.ts';
import { MyFtpServer } from './ftp-srv/myftp-server.ts';
import { DirectoryLister } from './listing/directory-lister.ts';
import type { Logs } from './logging/logging.ts';
import { LocalNetworks } from './network/local-networks.ts';
import { PublicAddresses } from './network/public-addresses.ts';
import { AccountRecount } from './quota/account-recount.ts';
import { QuotaLedger } from './quota/quota-ledger.ts';
import { recountAccounts } from './quota/quota-recount.ts';
import { RecountService, UNREAD_DIRECTORIES } from './quota/recount-service.ts';
import { FairTurns } from './scheduling/fair-turns.ts';
import { RevokedSessions } from './session/revoked-sessions.ts';
import { Session } from './session/session.ts';
import { SessionLimits } from './session/session-limits.ts';
import type { SessionServices } from './session/session-services.ts';
import { stopSessions } from './session/stop-sessions.ts';
import { Strangers } from './session/strangers.ts';
import { requireOpenFiles } from './start/open-files.ts';
import { becomeUser, requireAccess } from './start/process-user.ts';
import { startErrorFor } from './start/start-errors.ts';
import {
  type OwnedDirectories,
  takeDirectories as takeOwnDirectories,
} from './start/take-directories.ts';
import { Teardown } from './start/teardown.ts';
import { unprovenRelease } from './system/node-internals.ts';
import { type OpenIdentity, openIdentity } from './tls/open-identity.ts';
import { PartialExpiry } from './uploads/partial-expiry.ts';
import { PartialRows } from './uploads/partial-rows.ts';
import { STAGING_DIRECTORY } from './uploads/staging-directory.ts';
import { UnknownUploads } from './uploads/unknown-uploads.ts';
import { UnknownUploadsWatch } from './uploads/unknown-uploads-watch.ts';
import { longestPathIn } from './workers/longest-path-in.ts';
import { startWorker } from './workers/start-worker.ts';
import { WorkerPool } from './workers/worker-pool.ts';

/** A server that accepts clients. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Undefined where TLS is off. */
  readonly tls:
    | {
        readonly fingerprint256: string;
        readonly isSelfSigned: boolean;
        /** Port of implicit TLS; undefined if there is none. */
        readonly implicitPort: number | undefined;
      }
    | undefined;
  /** Reads the certificate again. @throws StartError if it cannot be used; the one before stays. */
  reloadCertificate(): Promise<void>;
  /** Resolves the names of `--public-host` again. */
  refreshPublicHosts(): Promise<void>;
  /**
   * Accepts no more clients, lets running transfers end for at most `graceMs`, then closes everything. Afterwards
   * nothing of the server keeps the process alive.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** Cuts all connections at once. The next start recounts the quotas. */
  stopNow(): void;
}

interface StartOptions {
  readonly settings: Settings;
  readonly logs: Logs;
  readonly now?: () => number;
  /** Result of {@link takeDirectories}. The server releases them when it has stopped or cannot start. */
  readonly directories: OwnedDirectories;
  /** Starts a thread of the worker pool. Tests start many servers, and their threads from a bundle that loads faster. */
  readonly startThread?: () => Worker;
}

/**
 * Makes the directories of the server if they are missing, and takes them for this process alone. Comes
 * before everything else, the logs included.
 *
 * @throws StartError with a sentence that names the setting at fault, or the process that has them.
 */
export function takeDirectories(settings: Settings): Promise<OwnedDirectories> {
  return takeOwnDirectories(settings, { version: readVersion() });
}

/**
 * Builds the server from its parts and starts it. This is the only place that connects them.
 *
 * The order is: ports, certificate, database, sweep, clients. What fails most comes first, and before anything
 * is changed, so that a start that fails costs the next one nothing.
 *
 * @throws StartError with a sentence that names the setting at fault.
 */
export async function startServer({
  now = Date.now,
  startThread = startWorker,
  ...given
}: StartOptions): Promise<RunningServer> {
  const teardown = new Teardown();
  teardown.add(() => given.directories.release());
  warnOfUnprovenRelease(given.logs);
  try {
    const foundations = await layFoundations({ now, startThread, ...given }, teardown);
    const services = await buildServices(foundations);
    await markStarted(foundations);
    return await serveClients(services, foundations);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

function warnOfUnprovenRelease(logs: Logs): void {
  const facts = unprovenRelease();
  if (facts !== undefined) {
    logs.server.warn(
      facts,
      'untested release of node; uploads use its public interfaces, which are slower',
    );
  }
}

/** Last of all that may fail: what is written here makes a crash from here on noticed. */
async function markStarted({ database, settings, now }: Foundations): Promise<void> {
  await new DataRootRepository(database.queries).remember(settings.rootDir, now());
  await new RunStateRepository(database.queries).markRunning(now());
}

interface Foundations extends Required<StartOptions> {
  readonly controlPorts: ControlPorts;
  readonly ports: PassivePorts;
  readonly publicAddresses: PublicAddresses;
  readonly identity: OpenIdentity | undefined;
  readonly database: Database;
  readonly workers: WorkerPool;
}

async function layFoundations(
  options: Required<StartOptions>,
  teardown: Teardown,
): Promise<Foundations> {
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
  dropPrivileges(options);
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
  return { ...options, controlPorts, ports, publicAddresses, identity, database, workers };
}

/** Services that only the stop of the server needs. */
interface ServerServices extends SessionServices {
  readonly ledger: QuotaLedger;
  readonly partialRows: PartialRows;
  readonly partialExpiry: PartialExpiry;
  readonly unknownUploads: UnknownUploadsWatch;
  readonly recounts: RecountService;
}

async function buildServices(foundations: Foundations): Promise<ServerServices> {
  const { settings, logs, now, database, workers, ports } = foundations;
  const accounts = new AccountRepository(database.queries);
  const quotas = new QuotaRepository(database.queries);
  const ledger = new QuotaLedger({
    quotas,
    dataVersion: recent(() => database.dataVersion()),
    onSettleError: (err) => logs.server.error({ err }, 'quota could not be settled; trying again'),
    onUncharged: (accountId) => recounts.suspect(accountId),
  });
  const partials = new PartialRepository(database.queries);
  const onPartialError = (err: unknown) =>
    logs.server.error({ err }, 'partial upload could not be written down');
  const unknown = new UnknownUploads(join(settings.rootDir, STAGING_DIRECTORY));
  const partialRows = new PartialRows({ repository: partials, onLateError: onPartialError });
  const storages = new UserStorages({
    rootDir: settings.rootDir,
    anonymousDir: settings.anonymousDir,
    ledger,
    partials,
    partialRows,
    unknown,
    now,
    durability: settings.fsync === 'on' ? new DiskSyncs() : leftToTheSystem,
    onPartialError,
    longestPath: longestPathIn(workers),
  });
  const recounts = recountsOf(foundations, { storages, ledger });
  await recover({ foundations, accounts, quotas, storages });
  const partialExpiry = partialExpiryOf(foundations, { storages, accounts });
  const checksums = new Checksums({ workers });
  const throttle = new LoginThrottle({ now });
  const guard = new GuessGuard({ throttle });
  return {
    settings,
    logs,
    now,
    ledger,
    partialRows,
    partialExpiry,
    unknownUploads: new UnknownUploadsWatch({ unknown, now, log: logs.server }),
    recounts,
    storages,
    accounts: new Accounts({
      accounts,
      quotas,
      invites: new InviteRepository(database.queries),
      passwords: new PasswordHash({ now }),
      guard,
      homes: new HomeDirectories(settings.rootDir),
      now,
      signup: settings.signup,
      maxAccounts: settings.maxAccounts,
      quotaBytes: settings.quotaBytes,
      maxFiles: settings.maxFiles,
    }),
    throttle,
    guard,
    signupRate: new SignUpRate({ perHour: settings.signupsPerHour, now }),
    limits: new SessionLimits(settings),
    strangers: new Strangers(settings),
    ports,
    publicAddresses: foundations.publicAddresses,
    localNetworks: new LocalNetworks(),
    tls: foundations.identity?.identity,
    buffers: new TransferBuffers(),
    turns: new FairTurns(),
    checksums,
    uploadDigests: new UploadDigests({ workers, checksums, hashing: settings.hashUploads }),
    audit: await AuditTrail.open({
      events: new AuditRepository(database.queries),
      log: logs.server,
      now,
      keepMs: settings.auditKeepMs,
    }),
    lister: new DirectoryLister({ workers }),
  };
}

function recountsOf(
  { settings, logs, now, database, workers }: Foundations,
  { storages, ledger }: { storages: UserStorages; ledger: QuotaLedger },
): RecountService {
  const spaceOf = (accountId: number) => storages.spaceOf(accountId);
  return new RecountService({
    recounts: new RecountRepository(database.queries),
    recount: new AccountRecount({ rootDir: settings.rootDir, workers, ledger, spaceOf }),
    database,
    log: logs.server,
    now,
    everyMs: settings.recountEveryMs,
  });
}

function partialExpiryOf(
  { settings, logs, now }: Foundations,
  { storages, accounts }: { storages: UserStorages; accounts: AccountRepository },
): PartialExpiry {
  return new PartialExpiry({
    spaces: () => storages.spaces,
    keepMs: settings.keepPartialsMs,
    now,
    async onExpired({ accountId, path, sizeBytes, createdAtMs }) {
      const username = (await accounts.findById(accountId))?.username;
      const begun = new Date(createdAtMs).toISOString();
      logs.transfers.info({ username, path, bytes: sizeBytes, begun }, 'partial upload expired');
    },
    onError: (err, { path }) =>
      logs.server.error({ err, path }, 'partial upload that expired could not be removed'),
  });
}

/** Sets right what a run that ended badly has left; nothing is served before. */
async function recover(parts: {
  foundations: Foundations;
  accounts: AccountRepository;
  quotas: QuotaRepository;
  storages: UserStorages;
}): Promise<void> {
  const { foundations, accounts, quotas, storages } = parts;
  const { settings, logs, database, directories } = foundations;
  const stagingArea = await storages.sweep();
  const runState = new RunStateRepository(database.queries);
  const isInOrder = directories.root === 'same' && stagingArea === 'in order';
  if (!isInOrder || !(await runState.wasShutDownCleanly())) {
    const { rootDir } = settings;
    const stagingDir = join(rootDir, STAGING_DIRECTORY);
    const onError = (err: unknown, { username }: { username: string }) =>
      logs.server.error({ err, username }, 'files of an account could not be measured');
    const onUnread = ({ username }: { username: string }, { unread }: { unread: object }) =>
      logs.server.warn({ username, ...unread }, UNREAD_DIRECTORIES);
    await recountAccounts({ accounts, quotas, rootDir, stagingDir, onUnread, onError });
    logs.server.info('quotas recounted from the disk');
  }
  await new RecountRepository(database.queries).clear();
}

async function serveClients(
  services: ServerServices,
  { database, workers, identity, directories, controlPorts }: Foundations,
): Promise<RunningServer> {
  const { settings, logs, ports } = services;
  const decoding = { fallback: fallbackDecoder(settings) };
  const server = new MyFtpServer({
    host: settings.host,
    controlPorts,
    services,
    log: logs.server,
    newSession: (socket, { tls, inherited }) =>
      new Session(socket, { services, table: commandTable, decoding, tls, inherited }),
  });
  // From now on a statement that waits delays a client.
  database.setPatience(SERVING_PATIENCE_MS);
  await server.listen();
  workers.warmUp();
  services.partialExpiry.start();
  services.unknownUploads.start();
  services.recounts.start();
  const revoked = new RevokedSessions({ sessions: server.sessions, services, database });
  return {
    host: settings.host,
    port: controlPorts.port,
    tls: identity && {
      get fingerprint256() {
        return identity.identity.certificate.fingerprint256;
      },
      isSelfSigned: identity.isSelfSigned,
      implicitPort: controlPorts.implicitPort,
    },
    async reloadCertificate() {
      await identity?.reload();
    },
    refreshPublicHosts: () => services.publicAddresses.refresh(),
    async stop({ graceMs = settings.graceMs } = {}) {
      revoked.stop();
      services.publicAddresses.stop();
      identity?.close();
      server.stopListening();
      await stopSessions(server.sessions, { graceMs });
      await services.partialExpiry.stop();
      await services.unknownUploads.stop();
      await services.recounts.stop();
      await ports.close();
      await workers.close();
      database.setPatience(STOPPING_PATIENCE_MS);
      await services.partialRows.written();
      await services.audit.close();
      await settle(services, database);
      await database.close();
      directories.release();
    },
    stopNow() {
      services.publicAddresses.stop();
      server.stopListening();
      void services.partialExpiry.stop();
      void services.unknownUploads.stop();
      void services.recounts.stop();
      for (const session of server.sessions) session.control.destroy();
    },
  };
}

async function settle({ ledger, logs, now }: ServerServices, database: Database): Promise<void> {
  try {
    await ledger.settleAll();
    await new RunStateRepository(database.queries).markCleanShutdown(now());
  } catch (err) {
    logs.server.error({ err }, 'quotas could not be settled; the next start recounts them');
  }
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

/** Asks for a value at most every few milliseconds: it is wanted for each chunk of each upload. */
function recent(ask: () => number): () => number {
  let value = ask();
  let askedMs = performance.now();
  return () => {
    const nowMs = performance.now();
    if (nowMs - askedMs < RECENT_MS) return value;
    askedMs = nowMs;
    value = ask();
    return value;
  };
}

const RECENT_MS = 10;

/** Time that a statement waits while another process has the database locked; some callers try again. */
const SERVING_PATIENCE_MS = 250;
const STOPPING_PATIENCE_MS = 5000;

function fallbackDecoder({ fallbackEncoding }: Settings): TextDecoder | undefined {
  return fallbackEncoding === undefined ? undefined : new TextDecoder(fallbackEncoding);
}
