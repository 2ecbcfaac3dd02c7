import { isSame } from '../sites/recent-servers.ts';
import type { Site } from '../sites/site.ts';
import type { Desk } from './desk.ts';
import { loadSites } from './load-sites.ts';

/**
 * Remembers a server without a bookmark, and offers once to save it as a site. The first connection of all shows the
 * keys that a newcomer needs.
 */
export async function rememberServer(desk: Desk, site: Site): Promise<void> {
  const { bookmarks, recent } = desk.services;
  const known = [...(await bookmarks.list()), ...(await recent.list())];
  if (
    site.name === undefined &&
    !known.some((one) => one.name !== undefined && isSame(one, site))
  ) {
    await recent.add(site);
    await loadSites(desk);
  }
  // A failure that is shown matters more.
  if (desk.store.get().notice?.tone === 'bad') return;
  const isNew = !known.some((one) => isSame(one, site));
  const offer = isNew ? desk.keymap.hint('files', 'save-site', ' saves it as a site') : '';
  if (known.length === 0) desk.tell('Connected.', 'good', [...firstKeys(desk), offer].join('  '));
  else if (isNew) desk.tell('New server.', 'calm', offer);
}

function firstKeys({ keymap }: Desk): readonly string[] {
  return [
    keymap.hint('files', 'other-pane', ' other pane'),
    keymap.hint('files', 'copy', ' copy'),
    keymap.hint('everywhere', 'help', ' help'),
  ];
}
