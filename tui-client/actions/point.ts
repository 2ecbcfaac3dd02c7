import { layoutOf } from '../screens/layout.ts';
import type { Side, Ui } from '../state/ui.ts';
import type { MouseAction } from '../terminal/keys.ts';
import { enter } from './browse.ts';
import type { Desk } from './desk.ts';
import { moveCursor } from './move-cursor.ts';
import { contextOf } from './press-key.ts';

/** Rows above the first line of a pane: the header, the border, the headings. */
const ROWS_ABOVE_LINES = 3;
const WHEEL_LINES = 3;

/** What the mouse does: a click puts the cursor, one on the cursor goes in, the wheel moves. */
export function pointAt(desk: Desk, action: MouseAction): void {
  const ui = desk.store.get();
  if (ui.sheet !== undefined || action.kind === 'release') return;
  if (action.kind === 'press') click(desk, ui, action);
  else {
    const move = action.kind === 'wheel-up' ? 'cursor-up' : 'cursor-down';
    if (ui.screen === 'files') activate(desk, sideAt(ui, action.column));
    for (let line = 0; line < WHEEL_LINES; line++) moveCursor(desk, contextOf(ui), move);
  }
}

function click(desk: Desk, ui: Ui, { column, row }: MouseAction): void {
  if (ui.screen !== 'files') return;
  const side = sideAt(ui, column);
  const pane = ui.panes[side];
  const line = row - ROWS_ABOVE_LINES;
  if (line < 0 || line >= pane.height) return;
  const isOnCursor = ui.active === side && pane.cursor === pane.top + line;
  activate(desk, side);
  desk.change(side, { type: 'movedTo', index: pane.top + line });
  if (isOnCursor) desk.start(() => enter(desk));
}

function activate(desk: Desk, side: Side): void {
  if (desk.store.get().active !== side) desk.store.dispatch({ type: 'activated', side });
}

function sideAt(ui: Ui, column: number): Side {
  if (!layoutOf(ui).hasTwoPanes) return ui.active;
  return column < Math.floor(ui.size.columns / 2) ? 'left' : 'right';
}
