import type { Using } from '../context/app-context.ts';

/** Reads the bookmarks again, and the servers without one below them. */
export async function loadSites(app: Using<'ui' | 'services'>): Promise<void> {
  const { bookmarks, recent } = app.services;
  const sites = [...(await bookmarks.list()), ...(await recent.list())];
  app.ui.dispatch({ type: 'login', event: { type: 'sitesLoaded', sites } });
}
