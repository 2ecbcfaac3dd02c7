import { joinPath } from '../place.ts';
import { rowUnderCursor } from '../state/pane.ts';
import { newViewer } from '../state/viewer.ts';
import type { Desk } from './desk.ts';
import { readBeginning } from './read-beginning.ts';

const MOST_BYTES = 1024 * 1024;

/** Shows the beginning of the file under the cursor. */
export async function viewFile(desk: Desk): Promise<void> {
  const pane = desk.active;
  const row = rowUnderCursor(pane);
  if (row === undefined || row.entry.kind === 'directory') {
    desk.tell('There is no file under the cursor.');
    return;
  }
  const path = joinPath(pane.path, row.entry.name);
  const side = desk.store.get().active;
  desk.tell(`Reading ${row.entry.name}`);
  const beginning = await desk.foreground.run((signal) =>
    readBeginning(desk, side, { path, maxBytes: MOST_BYTES, signal }),
  );
  desk.store.dispatch(
    { type: 'noticed', notice: undefined },
    { type: 'viewerOpened', viewer: newViewer({ path, place: pane.place, ...beginning }) },
  );
}
