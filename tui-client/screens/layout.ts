import { choiceRowCount } from '../components/dialog-frame.tsx';
import { paneLineCount } from '../components/file-pane.tsx';
import { insideFrame } from '../components/frame.ts';
import { queueListRows } from '../components/queue-details.ts';
import type { Dialog } from '../state/dialog.ts';
import { updateList } from '../state/list-box.ts';
import { updateLog } from '../state/log-lines.ts';
import { updatePane } from '../state/pane.ts';
import { updateQueueView } from '../state/queue-view.ts';
import type { Ui } from '../state/ui.ts';
import { updateViewer } from '../state/viewer.ts';
import { foldedLines } from './folded-lines.ts';
import { groupedEntries } from './form-body.ts';

export const MIN_COLUMNS = 40;
export const MIN_ROWS = 10;

/** With less there is one pane. */
const COLUMNS_FOR_TWO_PANES = 60;
/** With less, a notice takes the place of the keys. */
const ROWS_FOR_NOTICE = 14;
const MAX_STRIP_JOBS = 3;
const BORDERS = 2;
/** Of the screen, for a dialog that could take all. */
const SHEET_SHARE = 0.7;

/** How the rows of the screen are shared out. */
export interface Layout {
  readonly isTooSmall: boolean;
  readonly hasTwoPanes: boolean;
  /** A notice has a row above the keys; on a small screen it takes their place. */
  readonly hasNoticeRow: boolean;
  /** Between header and what is docked at the bottom. */
  readonly bodyRows: number;
  /** Below the panes; 0 without transfers. */
  readonly stripRows: number;
  /** 0 without a dialog. */
  readonly dialogRows: number;
  /** Inside a dialog, for what can be scrolled. */
  readonly dialogBodyRows: number;
}

export function layoutOf(ui: Ui): Layout {
  const { columns, rows } = ui.size;
  const hasNoticeRow = isNoticeShown(ui) && rows >= ROWS_FOR_NOTICE;
  const between = rows - 2 - (hasNoticeRow ? 1 : 0);
  const dialogRows = ui.dialog === undefined ? 0 : dialogHeight(ui, ui.dialog, between);
  const stripRows = ui.screen === 'files' ? stripHeight(ui, between - dialogRows) : 0;
  const extra = ui.dialog === undefined ? 0 : dialogExtraRows(ui, ui.dialog);
  return {
    hasNoticeRow,
    isTooSmall: columns < MIN_COLUMNS || rows < MIN_ROWS,
    hasTwoPanes: columns >= COLUMNS_FOR_TWO_PANES,
    bodyRows: Math.max(0, between - dialogRows - stripRows),
    stripRows,
    dialogRows,
    dialogBodyRows: Math.max(0, dialogRows - BORDERS - extra),
  };
}

/** Whether something is to be said: a notice, or that the connection is lost. */
export function isNoticeShown({ notice, connection, dialog }: Ui): boolean {
  return notice !== undefined || (connection.state === 'lost' && dialog === undefined);
}

/** The state with every list as high as it is drawn. */
export function fitted(ui: Ui): Ui {
  const layout = layoutOf(ui);
  const { bodyRows } = layout;
  const paneHeight = Math.max(1, paneLineCount(bodyRows));
  const frameHeight = Math.max(1, bodyRows - BORDERS);
  const panes = {
    left: updatePane(ui.panes.left, { type: 'resized', height: paneHeight }),
    right: updatePane(ui.panes.right, { type: 'resized', height: paneHeight }),
  };
  return {
    ...ui,
    panes,
    queue: updateQueueView(ui.queue, { type: 'resized', height: queueListRows(bodyRows) }),
    log: updateLog(ui.log, { type: 'resized', height: frameHeight }),
    viewer:
      ui.viewer &&
      updateViewer(ui.viewer, {
        type: 'resized',
        height: frameHeight,
        width: insideFrame(ui.size.columns),
      }),
    login: {
      ...ui.login,
      list: updateList(ui.login.list, { type: 'resized', height: frameHeight }),
    },
    dialog: ui.dialog && fittedDialog(ui.dialog, layout.dialogBodyRows),
  };
}

function fittedDialog(dialog: Dialog, bodyRows: number): Dialog {
  if (dialog.type !== 'list') return dialog;
  const list = updateList(dialog.list, { type: 'resized', height: bodyRows });
  return { ...dialog, list };
}

function dialogHeight(ui: Ui, dialog: Dialog, between: number): number {
  const most = Math.max(BORDERS + 1, Math.floor(between * SHEET_SHARE));
  const wanted = BORDERS + dialogExtraRows(ui, dialog) + dialogBodyWanted(ui, dialog);
  const least = ui.size.rows < 16 ? between : most;
  return Math.min(wanted, Math.max(least, Math.min(wanted, 12)), between);
}

function dialogBodyWanted(ui: Ui, dialog: Dialog): number {
  switch (dialog.type) {
    case 'choice':
      return foldedLines(dialog.lines, insideFrame(ui.size.columns) - 2).length;
    case 'prompt':
      return 1;
    case 'form':
      return groupedEntries(dialog.form).length;
    case 'list':
      return dialog.isGrowing ? 40 : Math.max(3, dialog.list.items.length);
  }
}

/** Rows besides the body: keys, a check, a hint, the filter. */
function dialogExtraRows(ui: Ui, dialog: Dialog): number {
  const width = insideFrame(ui.size.columns);
  switch (dialog.type) {
    case 'choice': {
      const choices = dialogChoices(dialog);
      return choiceRowCount(width, choices) + (dialog.check === undefined ? 0 : 1);
    }
    case 'prompt':
      return dialog.hint === '' ? 0 : 1;
    case 'form':
      return 1;
    case 'list':
      return 1;
  }
}

/** The keys of a choice dialog, Esc among them. */
export function dialogChoices(
  dialog: Extract<Dialog, { type: 'choice' }>,
): readonly { readonly key: string; readonly label: string }[] {
  const own = dialog.choices.map(({ keys, label }) => ({ key: keys[0] ?? '', label }));
  return [...own, { key: 'escape', label: dialog.escape }];
}

function stripHeight(ui: Ui, room: number): number {
  const { totals, workers } = ui.queue;
  const open = totals.running + totals.waiting;
  if (open === 0 && totals.paused + totals.failed === 0) return 0;
  if (open === 0 || room < 14) return 1;
  // As high as it will get, so that the panes do not jump with each file.
  return 1 + Math.min(MAX_STRIP_JOBS, workers, Math.max(1, ui.queue.jobs.length));
}
