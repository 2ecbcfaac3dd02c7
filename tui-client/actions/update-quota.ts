import type { Using } from '../context/app-context.ts';

/** Asks the server for the quota, if it reports one. */
export async function updateQuota(app: Using<'ui' | 'connection'>): Promise<void> {
  const quota = await app.connection.active?.session.quota();
  const { usedBytes, limitBytes } = quota ?? {};
  const isKnown = usedBytes !== undefined && limitBytes !== undefined;
  app.ui.dispatch({ type: 'quota', quota: isKnown ? { usedBytes, limitBytes } : undefined });
}
