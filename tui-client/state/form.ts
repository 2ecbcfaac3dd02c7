import { editText, type TextEdit, type TextField, textField } from './text-field.ts';

interface TextEntry {
  readonly type: 'text' | 'secret';
  readonly name: string;
  readonly label: string;
  readonly field: TextField;
  readonly hint: string;
}

interface OptionEntry {
  readonly type: 'option';
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
}

interface CheckEntry {
  readonly type: 'check';
  readonly name: string;
  readonly label: string;
  readonly isChecked: boolean;
}

interface ButtonEntry {
  readonly type: 'button';
  readonly name: string;
  readonly label: string;
}

export type FormEntry = TextEntry | OptionEntry | CheckEntry | ButtonEntry;

/** Things to fill in, and buttons. One of them has the focus. */
export interface Form {
  readonly entries: readonly FormEntry[];
  readonly focus: number;
}

export type FormEvent =
  | { readonly type: 'focusMoved'; readonly by: number }
  | { readonly type: 'focused'; readonly name: string }
  | { readonly type: 'edited'; readonly edit: TextEdit }
  /** The next or previous option, or the other state of a check. */
  | { readonly type: 'turned'; readonly by: number }
  | { readonly type: 'filledIn'; readonly name: string; readonly value: string }
  | { readonly type: 'checked'; readonly name: string; readonly isChecked: boolean }
  | { readonly type: 'hinted'; readonly name: string; readonly hint: string };

export function textEntry(
  name: string,
  label: string,
  given: { readonly text?: string; readonly hint?: string; readonly isSecret?: boolean } = {},
): TextEntry {
  const { text = '', hint = '', isSecret = false } = given;
  return { type: isSecret ? 'secret' : 'text', name, label, field: textField(text), hint };
}

export function focusedEntry(form: Form): FormEntry | undefined {
  return form.entries[form.focus];
}

/** What was typed or chosen; empty for a name that the form lacks. */
export function formValue(form: Form, name: string): string {
  const entry = form.entries.find((candidate) => candidate.name === name);
  if (entry?.type === 'text' || entry?.type === 'secret') return entry.field.text;
  return entry?.type === 'option' ? entry.value : '';
}

export function isFormChecked(form: Form, name: string): boolean {
  return form.entries.some(
    (entry) => entry.type === 'check' && entry.name === name && entry.isChecked,
  );
}

export function updateForm(form: Form, event: FormEvent): Form {
  switch (event.type) {
    case 'focusMoved': {
      const count = form.entries.length;
      return { ...form, focus: (form.focus + event.by + count) % count };
    }
    case 'focused': {
      const focus = form.entries.findIndex((entry) => entry.name === event.name);
      return focus < 0 ? form : { ...form, focus };
    }
    case 'edited':
      return changed(form, focusedEntry(form)?.name, (entry) =>
        'field' in entry ? { ...entry, field: editText(entry.field, event.edit) } : entry,
      );
    case 'turned':
      return changed(form, focusedEntry(form)?.name, (entry) => turned(entry, event.by));
    case 'filledIn':
      return changed(form, event.name, (entry) => filledIn(entry, event.value));
    case 'checked':
      return changed(form, event.name, (entry) =>
        entry.type === 'check' ? { ...entry, isChecked: event.isChecked } : entry,
      );
    case 'hinted':
      return changed(form, event.name, (entry) =>
        'hint' in entry ? { ...entry, hint: event.hint } : entry,
      );
  }
}

function changed(
  form: Form,
  name: string | undefined,
  change: (entry: FormEntry) => FormEntry,
): Form {
  const entries = form.entries.map((entry) => (entry.name === name ? change(entry) : entry));
  return { ...form, entries };
}

function turned(entry: FormEntry, by: number): FormEntry {
  if (entry.type === 'check') return { ...entry, isChecked: !entry.isChecked };
  if (entry.type !== 'option') return entry;
  const at = entry.options.findIndex(({ value }) => value === entry.value);
  const count = entry.options.length;
  const value = entry.options[(at + by + count) % count]?.value ?? entry.value;
  return { ...entry, value };
}

function filledIn(entry: FormEntry, value: string): FormEntry {
  if (entry.type === 'option') return { ...entry, value };
  return 'field' in entry ? { ...entry, field: textField(value) } : entry;
}
