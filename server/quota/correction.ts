import type { EscrowRepository } from '../../db/escrow-repository.ts';
import type { Quota, Usage } from '../../db/quota-repository.ts';
import { MAX_RESERVED, type Reservation } from './reservation.ts';
import { atMost, difference, isSame, NOTHING, sum } from './usage.ts';

/** Correction by a recount: the charge before and after. */
export interface Correction {
  readonly before: Usage;
  readonly after: Usage;
}

/**
 * Called when an account's charges are at rest: it must return at once what the account should be charged for, given what it
 * is charged for without reservations; or undefined for "ask again later".
 */
export type Measure = (charged: Usage) => Usage | undefined;

/** An account whose other database operations wait. */
interface ChargedAccount {
  readonly accountId: number;
  readonly reservation: Reservation;
  readonly quotas: Pick<EscrowRepository, 'find' | 'findDead' | 'replaceUsed'>;
  /** Usage in the database, see `Allowance.look`. */
  readonly look: () => Promise<Quota>;
}

/** @returns undefined if `measure` did so, or if there is no such account. */
export async function correctCharge(
  { accountId, reservation, quotas, look }: ChargedAccount,
  measure: Measure,
): Promise<Correction | undefined> {
  for (;;) {
    const dead = await quotas.findDead(accountId);
    const { usedBytes, usedEntries } = await look();
    const from = { bytes: usedBytes, entries: usedEntries };
    // Between here and the end of the statement below, only what is reserved changes.
    const reserved = reservation.amount;
    const before = difference(difference(from, reserved), reservedByDead(dead));
    const after = measure(before);
    if (after === undefined) return undefined;
    const to = sum(after, reserved);
    const isChange = dead !== undefined || !isSame(from, to);
    if (isChange && !(await quotas.replaceUsed({ accountId, from, to }))) {
      if ((await quotas.find(accountId)) === undefined) return undefined;
      continue;
    }
    reservation.bytes.corrected(to.bytes);
    reservation.entries.corrected(to.entries);
    return { before, after };
  }
}

/** Part of the escrow of dead members that was no more than reserved: the rest may be uploads that are partials now. */
function reservedByDead(escrow: Usage = NOTHING): Usage {
  return atMost(escrow, MAX_RESERVED);
}
