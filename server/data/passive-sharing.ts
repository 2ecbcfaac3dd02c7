import type { Invitation } from './invitation.ts';

/** An expected connection that the client has not opened for this time loses its port to any other. */
const STALE_AFTER_MS = 30_000;

/** A younger one is likely to be opened at any moment, and loses its port only if that makes the shares more equal. */
const YOUNG_MS = 2000;

/**
 * Finds the expected connection that gives up its port when the address uses all ports, so that each account has its
 * share.
 *
 * @param invitations all of the address.
 * @param holder the account that needs a port.
 * @returns undefined if the others hold no more than their share.
 */
export function invitationToEnd(
  invitations: Iterable<Invitation>,
  { holder, nowMs }: { readonly holder: number | undefined; readonly nowMs: number },
): Invitation | undefined {
  const byHolder = groupByHolder(invitations);
  const own = byHolder.get(holder)?.length ?? 0;
  const largest = [...byHolder.values()].reduce<readonly Invitation[]>(
    (most, held) => (held.length > most.length ? held : most),
    [],
  );
  const oldest = oldestOf(largest);
  const surplus = largest.length - own;
  const ageMs = oldest === undefined ? 0 : nowMs - oldest.madeAtMs;
  if (surplus > 1 || (surplus === 1 && ageMs >= YOUNG_MS)) return oldest;
  const stalest = oldestOf([...byHolder.values()].flat());
  return stalest !== undefined && nowMs - stalest.madeAtMs >= STALE_AFTER_MS ? stalest : undefined;
}

function groupByHolder(invitations: Iterable<Invitation>): Map<number | undefined, Invitation[]> {
  const groups = new Map<number | undefined, Invitation[]>();
  for (const invitation of invitations) {
    const group = groups.get(invitation.holder);
    if (group === undefined) groups.set(invitation.holder, [invitation]);
    else group.push(invitation);
  }
  return groups;
}

function oldestOf(invitations: readonly Invitation[]): Invitation | undefined {
  return invitations.reduce<Invitation | undefined>(
    (oldest, one) => (oldest === undefined || one.madeAtMs < oldest.madeAtMs ? one : oldest),
    undefined,
  );
}
