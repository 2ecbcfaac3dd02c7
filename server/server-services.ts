import { randomUUID } from 'node:crypto';
import { AccountRepository } from '../db/account-repository.ts';
import { AuditRepository } from '../db/audit-repository.ts';
import { BanRepository } from '../db/ban-repository.ts';
import { EscrowRepository } from '../db/escrow-repository.ts';
import { HookRepository } from '../db/hook-repository.ts';
import { InviteRepository } from '../db/invite-repository.ts';
import { MemberRepository } from '../db/member-repository.ts';
import { PartialRepository } from '../db/partial-repository.ts';
import { RecountRepository } from '../db/recount-repository.ts';
import { TrashRepository } from '../db/trash-repository.ts';
import { AccountChanges } from './accounts/account-changes.ts';
import { Accounts } from './accounts/accounts.ts';
import { GuessGuard } from './accounts/guess-guard.ts';
import { HomeDirectories } from './accounts/home-directories.ts';
import { LoginThrottle } from './accounts/login-throttle.ts';
import { PasswordHash } from './accounts/password-hash.ts';
import { SignUp } from './accounts/sign-up.ts';
import { SignUpRate } from './accounts/signup-rate.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { EventCounts } from './audit/event-counts.ts';
import { Checksums } from './checksums/checksum.ts';
import { UploadDigests } from './checksums/upload-digest.ts';
import { liveCreation } from './config/creation-settings.ts';
import { LiveSettings } from './config/live-settings.ts';
import type { Settings } from './config/settings.ts';
import { TransferBuffers } from './data/buffer-pool.ts';
import { Rates } from './data/rates.ts';
import { DiskSyncs, noSync } from './disk/durability.ts';
import { externalLoginServices } from './external-login-services.ts';
import { UserStorages } from './files/user-storages.ts';
import { AccessLists } from './guards/access-lists.ts';
import { Admission } from './guards/admission.ts';
import { BanGuard } from './guards/ban-guard.ts';
import { Bans } from './guards/bans.ts';
import { GuardBanRows } from './guards/guard-ban-rows.ts';
import { OffenceScores } from './guards/offence-scores.ts';
import { filesOnDisk } from './hooks/file-on-disk.ts';
import { Hooks } from './hooks/hooks.ts';
import { DirectoryLister } from './listing/directory-lister.ts';
import { LocalNetworks } from './network/local-networks.ts';
import type { PasswordChecker } from './password-check/password-checker.ts';
import { ProgramRunner } from './programs/program-runner.ts';
import { AccountRecount } from './quota/account-recount.ts';
import { CrashRecovery } from './quota/crash-recovery.ts';
import { QuotaLedger } from './quota/quota-ledger.ts';
import { RecountService } from './quota/recount-service.ts';
import { intervalFor } from './scheduling/age-findings.ts';
import { FairTurns } from './scheduling/fair-turns.ts';
import type { AllSessionServices } from './session/all-session-services.ts';
import { refusalReply } from './session/refusal-reply.ts';
import { SessionLimits } from './session/session-limits.ts';
import { Strangers } from './session/strangers.ts';
import { OWNER_NEEDS } from './start/file-owner.ts';
import type { Resources } from './start/open-resources.ts';
import { recover } from './start/recover.ts';
import { TrashRows } from './trash/trash-rows.ts';
import { PartialExpiry } from './uploads/partial-expiry.ts';
import { PartialRows } from './uploads/partial-rows.ts';
import { TrashExpiry } from './uploads/trash-expiry.ts';
import { UnknownAreas } from './uploads/unknown-areas.ts';
import { UnknownUploadsWatch } from './uploads/unknown-uploads-watch.ts';
import { longestPathIn } from './workers/longest-path-in.ts';

/** Services of the sessions, and those that the server itself starts and stops. */
export interface ServerServices extends AllSessionServices {
  readonly ledger: QuotaLedger;
  readonly partialRows: PartialRows;
  readonly partialExpiry: PartialExpiry;
  readonly trashRows: TrashRows;
  readonly trashExpiry: TrashExpiry;
  readonly unknownUploads: UnknownUploadsWatch;
  readonly recounts: RecountService;
  readonly crashRecovery: CrashRecovery;
  readonly guardBanRows: GuardBanRows;
  readonly liveSettings: LiveSettings;
  readonly hooks: Hooks;
  readonly passwordChecker: PasswordChecker;
  /** See decision 39. */
  readonly memberId: string;
}

/** Builds the parts that serve clients, and connects them. */
export async function buildServices(given: Resources): Promise<ServerServices> {
  const liveSettings = new LiveSettings(given.settings);
  const creation = liveCreation(liveSettings.view, given.creation.owner);
  const resources = { ...given, creation, settings: liveSettings.view };
  const { settings, logs, now, workers, ports, publicAddresses } = resources;
  const checksums = new Checksums({ workers });
  const counts = new EventCounts();
  const audit = await auditOf(resources, counts);
  const strangers = new Strangers(settings);
  const storage = await storageServices(resources);
  const hooks = hooksOf(resources);
  return {
    settings,
    liveSettings,
    logs,
    now,
    ...accountServices(resources, (accountId) => storage.recounts.suspect(accountId)),
    ...storage,
    limits: new SessionLimits(settings),
    strangers,
    ...(await guardServices(resources, { audit, counts, strangers, hooks })),
    ports,
    publicAddresses,
    localNetworks: new LocalNetworks(),
    tls: resources.identity?.identity,
    rates: new Rates(settings),
    buffers: new TransferBuffers(),
    turns: new FairTurns(),
    checksums,
    uploadDigests: new UploadDigests({ workers, checksums, hashing: settings.hashUploads }),
    counts,
    audit,
    lister: new DirectoryLister({ workers }),
    hooks,
  };
}

function accountServices(resources: Resources, onAdopted: (accountId: number) => void) {
  const { settings, database, now, creation } = resources;
  const accounts = new AccountRepository(database.queries);
  const throttle = new LoginThrottle({ now });
  const guard = new GuessGuard({ throttle });
  const passwords = new PasswordHash({ now });
  const defaults = {
    ...{ passwords, now, creation },
    get quotaBytes() {
      return settings.quotaBytes;
    },
    get maxFiles() {
      return settings.maxFiles;
    },
  };
  const signupRate = {
    now,
    get perHour() {
      return settings.signupsPerHour;
    },
  };
  const accountChanges = new AccountChanges();
  const parts = { guard, defaults, changes: accountChanges, onAdopted };
  const { external, passwordChecker } = externalLoginServices(resources, parts);
  return {
    throttle,
    guard,
    passwordChecker,
    accountChanges,
    accounts: new Accounts({ accounts, passwords, guard, external, now }),
    signUp: new SignUp({
      accounts,
      invites: new InviteRepository(database.queries),
      homes: new HomeDirectories(settings.rootDir),
      rules: settings,
      defaults,
    }),
    signupRate: new SignUpRate(signupRate),
  };
}

/** What has to do with files of accounts. An earlier run that ended badly has been corrected when this resolves. */
async function storageServices(resources: Resources) {
  const { settings, logs, now, database } = resources;
  const accounts = new AccountRepository(database.queries);
  const memberId = randomUUID();
  const ledger = new QuotaLedger({
    quotas: new EscrowRepository(database.queries, memberId),
    inUploads: (accountId) => storages.inUploads(accountId),
    dataVersion: recent(() => database.dataVersion()),
    onSettleError: (err) => logs.server.error({ err }, 'quota could not be settled; trying again'),
    onUncharged: (accountId) => recounts.suspect(accountId),
  });
  const unknown = new UnknownAreas();
  const trash = trashOf(resources);
  const { storages, partialRows } = storagesOf(resources, {
    ...{ ledger, unknown, trash, memberId },
    onMended: (accountId) => recounts.suspect(accountId),
    recovery: {
      measured: (accountId) => crashRecovery.measured(accountId),
      chargeKnown: (accountId) => crashRecovery.chargeKnown(accountId),
    },
  });
  const spaceOf = (accountId: number) => storages.spaceOf(accountId);
  const { rootDir } = settings;
  const recount = new AccountRecount({
    ...{ rootDir, workers: resources.workers, ledger, spaceOf },
    prepare: (account) => storages.prepare(account),
  });
  const recounts = recountsOf(resources, recount);
  const crashRecovery = crashRecoveryOf(resources, recount);
  await recover({ resources, storages });
  await crashRecovery.load();
  return {
    memberId,
    crashRecovery,
    ledger,
    storages,
    partialRows,
    partialExpiry: partialExpiryOf(resources, { storages, accounts }),
    trashRows: trash.rows,
    trashExpiry: trashExpiryOf(resources, { storages, accounts, rows: trash.rows }),
    unknownUploads: new UnknownUploadsWatch({
      unknown: () => [...unknown.all(), ...trash.unknown.all()],
      ...{ now, log: logs.server },
    }),
    recounts,
  };
}

function storagesOf(
  { settings, logs, now, database, workers, creation }: Resources,
  {
    ledger,
    memberId,
    unknown,
    trash,
    recovery,
    onMended,
  }: Required<
    Pick<
      ConstructorParameters<typeof UserStorages>[0],
      'ledger' | 'memberId' | 'unknown' | 'trash' | 'recovery' | 'onMended'
    >
  >,
): { storages: UserStorages; partialRows: PartialRows } {
  const partials = new PartialRepository(database.queries);
  const accounts = new AccountRepository(database.queries);
  const onPartialError = (err: unknown) =>
    logs.server.error({ err }, 'partial upload could not be written down');
  const partialRows = new PartialRows({ repository: partials, onLateError: onPartialError });
  const storages = new UserStorages({
    rootDir: settings.rootDir,
    anonymousDir: settings.anonymousDir,
    ledger,
    accounts,
    partials,
    partialRows,
    ...{ memberId, members: new MemberRepository(database.queries) },
    unknown,
    trash,
    now,
    durability: settings.fsync === 'on' ? new DiskSyncs() : noSync,
    onPartialError,
    longestPath: longestPathIn(workers),
    creation,
    onMended,
    onHomeMissing: ({ username, home }) =>
      logs.server.error({ username, home }, 'login refused: the home is missing or not mounted'),
    onFolderMissing: (folder, err) =>
      logs.server.error({ folder, err }, 'shared folder is not available'),
    onOwnerRefused: ({ username }, owner) =>
      logs.server.error(
        { username, ...owner },
        `files of an account cannot be given to their owner: ${OWNER_NEEDS}`,
      ),
    recovery,
    maxUploadBytes: settings.maxUploadBytes,
  });
  return { storages, partialRows };
}

function trashOf({ settings, logs, now, database }: Resources) {
  const onError = (err: unknown) => logs.server.error({ err }, 'deleted file could not be kept');
  const repository = new TrashRepository(database.queries);
  return {
    repository,
    rows: new TrashRows({ repository, onError }),
    unknown: new UnknownAreas('deleted files'),
    defaultKeepMs: () => settings.keepDeletedMs,
    isCharging: settings.countDeleted === 'on',
    now,
    onError,
  };
}

async function guardServices(
  { database, logs, now, settings }: Resources,
  parts: Pick<AllSessionServices, 'audit' | 'counts' | 'strangers' | 'hooks'>,
) {
  const repository = new BanRepository(database.queries);
  const guardBanRows = new GuardBanRows({ repository, log: logs.server });
  const bans = new Bans({ rows: guardBanRows, now });
  await bans.load();
  const lists = currentLists(settings);
  const banGuard = new BanGuard({
    ...parts,
    ...{ bans, lists, now, log: logs.connections },
    scores: new OffenceScores({ nowMs: () => performance.now() }),
    settings: () => settings,
    endStrangers: (origin) => parts.strangers.endOf(origin, refusalReply('banned')),
  });
  return { bans, guardBanRows, banGuard, admission: new Admission({ bans, lists }) };
}

/** The lists of the settings, built again when a reload has changed them. */
function currentLists(settings: Settings): () => AccessLists {
  let lists = new AccessLists(settings);
  return () => {
    if (!lists.isOf(settings)) lists = new AccessLists(settings);
    return lists;
  };
}

function auditOf(
  { settings, logs, now, database }: Resources,
  counts: EventCounts,
): Promise<AuditTrail> {
  const events = new AuditRepository(database.queries);
  const { auditKeepMs: keepMs } = settings;
  return AuditTrail.open({ events, counts, log: logs.server, now, keepMs });
}

function hooksOf({ settings, logs, now, database, hookSecret }: Resources): Hooks {
  return new Hooks({
    hooks: settings.hooks,
    // Other work comes before that of hooks.
    programs: new ProgramRunner({ niceness: 10 }),
    secret: hookSecret,
    get timeoutMs() {
      return settings.hookTimeoutMs;
    },
    deliveries: new HookRepository(database.queries),
    fileOf: filesOnDisk({
      accounts: new AccountRepository(database.queries),
      homes: new HomeDirectories(settings.rootDir),
    }),
    log: logs.server,
    now,
  });
}

function recountsOf(
  { settings, logs, now, database }: Resources,
  recount: AccountRecount,
): RecountService {
  return new RecountService({
    recounts: new RecountRepository(database.queries),
    recount,
    database,
    log: logs.server,
    now,
    everyMs: settings.recountEveryMs,
  });
}

function crashRecoveryOf(
  { logs, now, database }: Resources,
  recount: AccountRecount,
): CrashRecovery {
  return new CrashRecovery({
    members: new MemberRepository(database.queries),
    recounts: new RecountRepository(database.queries),
    recount,
    log: logs.server,
    now,
  });
}

function partialExpiryOf(
  { settings, logs, now }: Resources,
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

function trashExpiryOf(
  { settings, logs, now }: Resources,
  {
    storages,
    accounts,
    rows,
  }: { storages: UserStorages; accounts: AccountRepository; rows: TrashRows },
): TrashExpiry {
  return new TrashExpiry({
    spaces: () => storages.spaces,
    intervalMs: intervalFor(settings.keepDeletedMs === 0 ? Infinity : settings.keepDeletedMs),
    now,
    saveRest: () => rows.saveRest(),
    async onExpired(accountId, { path, sizeBytes, deletedAtMs }) {
      const username = (await accounts.findById(accountId))?.username;
      const deleted = new Date(deletedAtMs).toISOString();
      logs.transfers.info({ username, path, bytes: sizeBytes, deleted }, 'deleted file expired');
    },
    onError: (err) => logs.server.error({ err }, 'deleted files that expired could not be removed'),
  });
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
