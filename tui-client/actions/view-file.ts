import type { Using } from '../context/app-context.ts';
import { joinPath } from '../files/place.ts';
import { rowUnderCursor } from '../state/pane.ts';
import { newViewer } from '../state/viewer.ts';
import { readBeginning } from './read-beginning.ts';

const MAX_BYTES = 1024 * 1024;

/** Shows the beginning of the file under the cursor. */
export async function viewFile(app: Using<'ui' | 'tasks' | 'connection'>): Promise<void> {
  const pane = app.ui.activePane;
  const row = rowUnderCursor(pane);
  if (row === undefined || row.entry.kind === 'directory') {
    app.ui.notify('No file under the cursor.');
    return;
  }
  const path = joinPath(pane.path, row.entry.name);
  const side = app.ui.get().active;
  app.ui.notify(`Reading ${row.entry.name} …`);
  const beginning = await app.tasks.run((signal) =>
    readBeginning(app, side, { path, maxBytes: MAX_BYTES, signal }),
  );
  app.ui.dispatch(
    { type: 'noticed', notice: undefined },
    { type: 'viewerOpened', viewer: newViewer({ path, place: pane.place, ...beginning }) },
  );
}

/** Asks for a text, and finds it in the viewer. */
export async function findText(app: Using<'ui' | 'dialogs'>): Promise<void> {
  const text = await app.dialogs.prompt({
    title: 'Find in this file',
    label: 'Text',
    text: app.ui.get().viewer?.sought ?? '',
  });
  if (text) app.ui.dispatch({ type: 'viewer', event: { type: 'sought', text } });
}
