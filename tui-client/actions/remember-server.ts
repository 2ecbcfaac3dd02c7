import type { Using } from '../context/app-context.ts';
import { isSame } from '../sites/recent-servers.ts';
import type { Site } from '../sites/site.ts';
import { loadSites } from './load-sites.ts';

/**
 * Remembers a server without a bookmark, and offers once to save it as a site. The first connection of all shows the
 * keys that a newcomer needs.
 */
export async function rememberServer(
  app: Using<'ui' | 'keymap' | 'services'>,
  site: Site,
): Promise<void> {
  const { bookmarks, recent } = app.services;
  const known = [...(await bookmarks.list()), ...(await recent.list())];
  if (
    site.name === undefined &&
    !known.some((one) => one.name !== undefined && isSame(one, site))
  ) {
    await recent.add(site);
    await loadSites(app);
  }
  // The user may have gone on while the file was written: what answers a key stays in sight.
  if (app.ui.get().notice !== undefined) return;
  const isNew = !known.some((one) => isSame(one, site));
  const offer = isNew ? app.keymap.hint('files', 'save-site', ' save as site') : '';
  if (known.length === 0)
    app.ui.notify('Connected.', 'good', [...firstKeys(app), offer].join('  '));
  else if (isNew) app.ui.notify('New server.', 'calm', offer);
}

function firstKeys({ keymap }: Using<'keymap'>): readonly string[] {
  return [
    keymap.hint('files', 'other-pane', ' other pane'),
    keymap.hint('files', 'copy', ' copy'),
    keymap.hint('everywhere', 'help', ' help'),
  ];
}
