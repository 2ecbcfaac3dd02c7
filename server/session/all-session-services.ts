import type { AccountChanges } from '../accounts/account-changes.ts';
import type { EventCounts } from '../audit/event-counts.ts';
import type { SessionServices } from '../contract/session-services.ts';
import type { Admission } from '../guards/admission.ts';
import type { Bans } from '../guards/bans.ts';
import type { SessionLimits } from './session-limits.ts';
import type { Strangers } from './strangers.ts';

/** Services of the server that are shared by all sessions, with those that only the sessions themselves use. */
export interface AllSessionServices extends SessionServices {
  readonly limits: SessionLimits;
  readonly strangers: Strangers;
  readonly counts: EventCounts;
  readonly accountChanges: AccountChanges;
  readonly bans: Bans;
  readonly admission: Admission;
}
