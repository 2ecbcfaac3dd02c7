import { randomUUID } from 'node:crypto';
import { AccountRepository } from '../../db/account-repository.ts';
import { EscrowRepository } from '../../db/escrow-repository.ts';
import { MemberRepository } from '../../db/member-repository.ts';
import { PartialRepository } from '../../db/partial-repository.ts';
import { RecountRepository } from '../../db/recount-repository.ts';
import { TrashRepository } from '../../db/trash-repository.ts';
import { DiskSyncs, noSync } from '../disk/durability.ts';
import { UserStorages } from '../files/user-storages.ts';
import { AccountRecount } from '../quota/account-recount.ts';
import { CrashRecovery } from '../quota/crash-recovery.ts';
import { QuotaLedger } from '../quota/quota-ledger.ts';
import { RecountService } from '../quota/recount-service.ts';
import { OWNER_NEEDS } from '../start/file-owner.ts';
import type { Resources } from '../start/open-resources.ts';
import { recover } from '../start/recover.ts';
import { TrashRows } from '../trash/trash-rows.ts';
import { PartialRows } from '../uploads/partial-rows.ts';
import { UnknownAreas } from '../uploads/unknown-areas.ts';
import { UnknownUploadsWatch } from '../uploads/unknown-uploads-watch.ts';
import { longestPathIn } from '../workers/longest-path-in.ts';
import { partialExpiryOf, trashExpiryOf } from './expiries.ts';

/** What has to do with files of accounts. An earlier run that ended badly has been corrected when this resolves. */
export async function storageServices(resources: Resources) {
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
