import type { ExpectedConnection } from './expected-connection.ts';

/** An expected connection that the client has not opened for this time loses its port to any other. */
const STALE_AFTER_MS = 30_000;

/** A younger one is likely to be opened at any moment, and loses its port only if that makes the shares more equal. */
const YOUNG_MS = 2000;

/**
 * Finds the expected connection that gives up its port when the address uses all ports, so that each account has its
 * share.
 *
 * @param candidates all connections that are expected from the address.
 * @param holder the account that needs a port.
 * @returns undefined if the others hold no more than their share.
 */
export function connectionToGiveUp(
  candidates: Iterable<ExpectedConnection>,
  { holder, nowMs }: { readonly holder: number | undefined; readonly nowMs: number },
): ExpectedConnection | undefined {
  const byHolder = groupByHolder(candidates);
  const own = byHolder.get(holder)?.length ?? 0;
  const largest = [...byHolder.values()].reduce<readonly ExpectedConnection[]>(
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

function groupByHolder(
  candidates: Iterable<ExpectedConnection>,
): Map<number | undefined, ExpectedConnection[]> {
  const groups = new Map<number | undefined, ExpectedConnection[]>();
  for (const expected of candidates) {
    const group = groups.get(expected.holder);
    if (group === undefined) groups.set(expected.holder, [expected]);
    else group.push(expected);
  }
  return groups;
}

function oldestOf(candidates: readonly ExpectedConnection[]): ExpectedConnection | undefined {
  return candidates.reduce<ExpectedConnection | undefined>(
    (oldest, one) => (oldest === undefined || one.madeAtMs < oldest.madeAtMs ? one : oldest),
    undefined,
  );
}
