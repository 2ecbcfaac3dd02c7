import { BanRepository } from '../../db/ban-repository.ts';
import type { Settings } from '../config/settings.ts';
import { AccessLists } from '../guards/access-lists.ts';
import { Admission } from '../guards/admission.ts';
import { BanGuard } from '../guards/ban-guard.ts';
import { Bans } from '../guards/bans.ts';
import { GuardBanRows } from '../guards/guard-ban-rows.ts';
import { OffenceScores } from '../guards/offence-scores.ts';
import type { AllSessionServices } from '../session/all-session-services.ts';
import { refusalReply } from '../session/refusal-reply.ts';
import type { Resources } from '../start/open-resources.ts';

/** Bans and lists of networks. Bans that an earlier run has kept are in force when this resolves. */
export async function guardServices(
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
