import { modeLetters, octalMode, parseModeChange } from '../files/mode-change.ts';
import type { Entry } from '../files/place.ts';
import { type Form, type FormEntry, formValue, textEntry, updateForm } from './form.ts';

const NO_MODE = 'for example 644, u+x or go-w';

/** The form for new permissions of entries; `mode` is that of the first, if the server reports it. */
export function modeForm(entries: readonly Entry[]): Form {
  const mode = entries.at(0)?.mode;
  const recursive: FormEntry = {
    type: 'check',
    name: 'recursive',
    label: 'including contents',
    isChecked: false,
  };
  return withModeHint({
    focus: 0,
    entries: [
      textEntry('mode', 'Mode', { text: mode === undefined ? '' : octalMode(mode) }),
      ...(entries.some(({ kind }) => kind === 'directory') ? [recursive] : []),
      { type: 'button', name: 'change', label: 'Change' },
      { type: 'button', name: 'back', label: 'Back' },
    ],
  });
}

/** The form with what the typed mode means. */
export function withModeHint(form: Form): Form {
  const text = formValue(form, 'mode').trim();
  return updateForm(form, { type: 'hinted', name: 'mode', hint: meaningOf(text) });
}

/** Why it cannot be done; undefined if it can. */
export function modeProblem(form: Form): string | undefined {
  return parseModeChange(formValue(form, 'mode').trim()) === undefined ? `${NO_MODE}.` : undefined;
}

function meaningOf(text: string): string {
  const change = parseModeChange(text);
  if (change === undefined) return NO_MODE;
  const mode = change({ kind: 'file', mode: undefined });
  return mode === undefined ? 'relative to each current mode' : modeLetters(mode);
}
