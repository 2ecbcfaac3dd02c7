import type { Desk } from './desk.ts';

/** Reads the bookmarks again, and the servers without one below them. */
export async function loadSites(desk: Desk): Promise<void> {
  const { bookmarks, recent } = desk.services;
  const sites = [...(await bookmarks.list()), ...(await recent.list())];
  desk.store.dispatch({ type: 'login', event: { type: 'sitesLoaded', sites } });
}
