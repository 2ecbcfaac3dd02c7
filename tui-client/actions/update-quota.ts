import type { Desk } from './desk.ts';

/** Asks the server for the quota, if it reports one. */
export async function updateQuota(desk: Desk): Promise<void> {
  const quota = await desk.online?.session.quota();
  const { usedBytes, limitBytes } = quota ?? {};
  const isKnown = usedBytes !== undefined && limitBytes !== undefined;
  desk.store.dispatch({ type: 'quota', quota: isKnown ? { usedBytes, limitBytes } : undefined });
}
