import { AccountRepository } from '../../db/account-repository.ts';
import { AuditRepository } from '../../db/audit-repository.ts';
import { HookRepository } from '../../db/hook-repository.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { EventCounts } from '../audit/event-counts.ts';
import { Checksums } from '../checksums/checksum.ts';
import { UploadDigests } from '../checksums/upload-digest.ts';
import { liveCreation } from '../config/creation-settings.ts';
import { LiveSettings } from '../config/live-settings.ts';
import { TransferBuffers } from '../data/buffer-pool.ts';
import { Rates } from '../data/rates.ts';
import type { GuardBanRows } from '../guards/guard-ban-rows.ts';
import { filesOnDisk } from '../hooks/file-on-disk.ts';
import { Hooks } from '../hooks/hooks.ts';
import { DirectoryLister } from '../listing/directory-lister.ts';
import { LocalNetworks } from '../network/local-networks.ts';
import type { PasswordChecker } from '../password-check/password-checker.ts';
import { ProgramRunner } from '../programs/program-runner.ts';
import type { CrashRecovery } from '../quota/crash-recovery.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import type { RecountService } from '../quota/recount-service.ts';
import { FairTurns } from '../scheduling/fair-turns.ts';
import type { AllSessionServices } from '../session/all-session-services.ts';
import { SessionLimits } from '../session/session-limits.ts';
import { Strangers } from '../session/strangers.ts';
import type { Resources } from '../start/open-resources.ts';
import type { TrashRows } from '../trash/trash-rows.ts';
import type { PartialExpiry } from '../uploads/partial-expiry.ts';
import type { PartialRows } from '../uploads/partial-rows.ts';
import type { TrashExpiry } from '../uploads/trash-expiry.ts';
import type { UnknownUploadsWatch } from '../uploads/unknown-uploads-watch.ts';
import { accountServices } from './account-services.ts';
import { guardServices } from './guard-services.ts';
import { storageServices } from './storage-services.ts';

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
    get secret() {
      return hookSecret.key;
    },
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
