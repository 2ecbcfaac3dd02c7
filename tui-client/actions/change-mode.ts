import type { Using } from '../context/app-context.ts';
import { chooseMarks } from '../dialogs/choose-marks.ts';
import { type ModeChange, parseModeChange } from '../files/mode-change.ts';
import type { Place } from '../files/place.ts';
import type { Dialog } from '../state/dialog.ts';
import { formValue, isFormChecked } from '../state/form.ts';
import { modeForm, modeProblem } from '../state/mode-form.ts';
import { counted } from '../text/format.ts';
import { stopHint } from './leave.ts';
import { refreshDirectory } from './read-directory.ts';
import { type Found, walk } from './walk.ts';

interface ModeRequest {
  readonly change: ModeChange;
  readonly isRecursive: boolean;
}

/** Changes the permissions of what is chosen. */
export async function changeModes(
  app: Using<'ui' | 'keymap' | 'dialogs' | 'tasks' | 'places'>,
): Promise<void> {
  const side = app.ui.get().active;
  const place = app.places.of(side);
  const marks = chooseMarks(app, app.ui.activePane, 'Change the permissions of what?');
  const chosen = marks instanceof Promise ? await marks : marks;
  if (place === undefined || chosen.length === 0) {
    app.ui.notify('No file or directory under the cursor.');
    return;
  }
  const request = await askForMode(app, chosen);
  if (request === undefined) return;
  try {
    await app.tasks.run((signal) => changeAll(app, { place, chosen, request, signal }));
    app.ui.changePane(side, { type: 'unmarked', chosen });
  } finally {
    await refreshDirectory(app, side);
  }
}

async function askForMode(
  app: Using<'dialogs'>,
  chosen: readonly Found[],
): Promise<ModeRequest | undefined> {
  const [first] = chosen;
  const what =
    chosen.length === 1 ? (first?.entry.name ?? '') : counted(chosen.length, 'entry', 'entries');
  let dialog: Extract<Dialog, { type: 'form' }> = {
    type: 'form',
    topic: 'mode',
    title: `Permissions of ${what}`,
    form: modeForm(chosen.map(({ entry }) => entry)),
    message: '',
  };
  for (;;) {
    const answer = await app.dialogs.ask(dialog);
    if (answer?.type !== 'pressed' || answer.button !== 'change') return undefined;
    const { form } = answer;
    const change = parseModeChange(formValue(form, 'mode').trim());
    if (change !== undefined) return { change, isRecursive: isFormChecked(form, 'recursive') };
    dialog = { ...dialog, form: { ...form, focus: 0 }, message: modeProblem(form) ?? '' };
  }
}

interface ModeTask {
  readonly place: Place;
  readonly chosen: readonly Found[];
  readonly request: ModeRequest;
  readonly signal: AbortSignal;
}

async function changeAll(app: Using<'ui' | 'keymap'>, task: ModeTask): Promise<void> {
  const { place, chosen, request, signal } = task;
  let count = 0;
  for (const one of chosen) {
    await changeOne(place, one, request.change);
    count += 1;
    if (!request.isRecursive || one.entry.kind !== 'directory') continue;
    for await (const batch of walk(place, one.path, signal)) {
      for (const found of batch) {
        signal.throwIfAborted();
        // A link would lead out of the directory.
        if (found.entry.kind === 'link') continue;
        await changeOne(place, found, request.change);
        count += 1;
      }
      app.ui.notify(`Permissions: ${counted(count, 'entry', 'entries')} changed. ${stopHint(app)}`);
    }
  }
  app.ui.notify(`Changed the permissions of ${counted(count, 'entry', 'entries')}.`, 'good');
}

async function changeOne(place: Place, { path, entry }: Found, change: ModeChange): Promise<void> {
  const mode = change(entry);
  if (mode === undefined) {
    throw new Error(
      `The server does not report the mode of ${path}; enter the new mode as a number, for example 644.`,
    );
  }
  if (await place.setMode(path, mode)) return;
  throw new Error('The server does not support SITE CHMOD.');
}
