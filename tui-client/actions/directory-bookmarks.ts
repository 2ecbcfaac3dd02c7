import type { Using } from '../context/app-context.ts';
import { openDirectory } from './read-directory.ts';

const ADD = 'add';

/** The directories that the user comes back to: go to one, add this one, forget one. */
export async function showBookmarks(
  app: Using<'ui' | 'dialogs' | 'connection' | 'places' | 'services'>,
): Promise<void> {
  const side = app.ui.get().active;
  const owner = side === 'left' ? 'local' : (app.connection.active?.session.site.id ?? 'local');
  const { path } = app.ui.activePane;
  const { directories } = app.services;
  const paths = await directories.list(owner);
  const picked = await app.dialogs.pick({
    topic: 'bookmarks',
    title: side === 'left' ? 'Local directories' : 'Directories on the server',
    items: [
      ...paths.map((one) => ({ id: `go ${one}`, columns: [one] })),
      ...(paths.includes(path) ? [] : [{ id: ADD, columns: [`+ add ${path}`] }]),
    ],
    hint: 'Enter: open, Delete: remove the bookmark',
  });
  if (picked === undefined) return;
  if (picked.id === ADD) {
    await directories.add(owner, path);
    app.ui.notify(`Bookmarked ${path}.`, 'good');
    return;
  }
  const chosen = picked.id.slice('go '.length);
  if (picked.key === 'delete') {
    await directories.remove(owner, chosen);
    return showBookmarks(app);
  }
  await openDirectory(app, side, { path: chosen });
}
