import type { AccountRepository } from '../../db/account-repository.ts';
import type { UserStorages } from '../files/user-storages.ts';
import { intervalFor } from '../scheduling/age-findings.ts';
import type { Resources } from '../start/open-resources.ts';
import type { TrashRows } from '../trash/trash-rows.ts';
import { PartialExpiry } from '../uploads/partial-expiry.ts';
import { TrashExpiry } from '../uploads/trash-expiry.ts';

/** Removes partial uploads that were not resumed for the time of `--keep-partials`. */
export function partialExpiryOf(
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

/** Removes deleted files after the time of `--keep-deleted`. */
export function trashExpiryOf(
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
