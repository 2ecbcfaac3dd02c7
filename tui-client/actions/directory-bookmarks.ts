import type { Desk } from './desk.ts';
import { openDirectory } from './read-directory.ts';

const ADD = 'add';

/** The directories that the user comes back to: go to one, add this one, forget one. */
export async function showBookmarks(desk: Desk): Promise<void> {
  const side = desk.store.get().active;
  const owner = side === 'left' ? 'local' : (desk.online?.session.site.id ?? 'local');
  const { path } = desk.active;
  const { directories } = desk.services;
  const paths = await directories.list(owner);
  const picked = await desk.sheets.pick({
    topic: 'bookmarks',
    title: side === 'left' ? 'Directories here' : 'Directories on the server',
    items: [
      ...paths.map((one) => ({ id: `go ${one}`, columns: [one] })),
      ...(paths.includes(path) ? [] : [{ id: ADD, columns: [`+ add ${path}`] }]),
    ],
    hint: 'Enter goes there, Delete forgets it',
  });
  if (picked === undefined) return;
  if (picked.id === ADD) {
    await directories.add(owner, path);
    desk.tell(`${path} is among the bookmarks now.`, 'good');
    return;
  }
  const chosen = picked.id.slice('go '.length);
  if (picked.key === 'delete') {
    await directories.remove(owner, chosen);
    return showBookmarks(desk);
  }
  await openDirectory(desk, side, { path: chosen });
}
