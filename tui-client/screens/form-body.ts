import { buttonRow, checkRow, optionRow, textFieldRow } from '../components/form-rows.ts';
import type { Theme } from '../components/theme.ts';
import type { Form, FormEntry } from '../state/form.ts';
import { widthOf } from '../text/text-width.ts';

const FIELD_COLUMNS = 28;
/** Where hints beside it would have no room. */
const NARROW_FIELD_COLUMNS = 15;
const COLUMNS_FOR_HINTS = 72;

/** What stands on one row: an entry, or buttons beside each other. */
export function groupedEntries(form: Form): readonly (readonly FormEntry[])[] {
  const rows: FormEntry[][] = [];
  for (const entry of form.entries) {
    const last = rows.at(-1);
    if (entry.type === 'button' && last?.[0]?.type === 'button') last.push(entry);
    else rows.push([entry]);
  }
  return rows;
}

/** The row of what has the focus. */
export function focusedRow(form: Form): number {
  const focused = form.entries[form.focus];
  return groupedEntries(form).findIndex((row) => row.some((entry) => entry === focused));
}

/** A form as painted rows. */
export function formRows(
  theme: Theme,
  form: Form,
  { width, isActive }: { readonly width: number; readonly isActive: boolean },
): readonly string[] {
  const labels = form.entries.map((entry) => ('field' in entry ? widthOf(entry.label) : 0));
  const labelWidth = Math.max(8, ...labels) + 2;
  const focused = isActive ? form.entries[form.focus] : undefined;
  return groupedEntries(form).map((entries) =>
    formRow(theme, entries, { width, labelWidth, focused }),
  );
}

function formRow(
  theme: Theme,
  entries: readonly FormEntry[],
  shape: {
    readonly width: number;
    readonly labelWidth: number;
    readonly focused: FormEntry | undefined;
  },
): string {
  const { width, labelWidth, focused } = shape;
  const [entry] = entries;
  if (entry === undefined) return ' '.repeat(width);
  const base = { theme, width, label: entry.label, labelWidth, isActive: entry === focused };
  switch (entry.type) {
    case 'text':
    case 'secret': {
      const besideHint = width < COLUMNS_FOR_HINTS ? NARROW_FIELD_COLUMNS : FIELD_COLUMNS;
      const fieldWidth = entry.hint === '' ? width : besideHint;
      const { text, caret } = entry.field;
      const isSecret = entry.type === 'secret';
      return textFieldRow({ ...base, text, caret, isSecret, fieldWidth, hint: entry.hint });
    }
    case 'option':
      return optionRow({ ...base, options: entry.options, value: entry.value });
    case 'check':
      return checkRow({ ...base, isChecked: entry.isChecked });
    case 'button':
      return buttonRow(theme, {
        width,
        buttons: entries.map((button) => ({
          label: button.label,
          isActive: button === focused,
        })),
      });
  }
}
