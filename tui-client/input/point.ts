import { enter } from '../actions/browse.ts';
import type { Using } from '../context/app-context.ts';
import { layoutOf } from '../screens/layout.ts';
import type { Side, Ui } from '../state/ui.ts';
import type { MouseAction } from '../terminal/keys.ts';
import { moveCursor } from './move-cursor.ts';
import { contextOf } from './press-key.ts';

/** Rows above the first line of a pane: the header, the border, the headings. */
const ROWS_ABOVE_LINES = 3;
const WHEEL_LINES = 3;

/** What the mouse does: a click puts the cursor, one on the cursor goes in, the wheel moves. */
export function pointAt(
  app: Using<'ui' | 'tasks' | 'connection' | 'places'>,
  action: MouseAction,
): void {
  const ui = app.ui.get();
  if (ui.dialog !== undefined || action.kind === 'release') return;
  if (action.kind === 'press') click(app, ui, action);
  else {
    const move = action.kind === 'wheel-up' ? 'cursor-up' : 'cursor-down';
    if (ui.screen === 'files') activate(app, sideAt(ui, action.column));
    for (let line = 0; line < WHEEL_LINES; line++) moveCursor(app, contextOf(ui), move);
  }
}

function click(
  app: Using<'ui' | 'tasks' | 'connection' | 'places'>,
  ui: Ui,
  { column, row }: MouseAction,
): void {
  if (ui.screen !== 'files') return;
  const side = sideAt(ui, column);
  const pane = ui.panes[side];
  const line = row - ROWS_ABOVE_LINES;
  if (line < 0 || line >= pane.height) return;
  const isOnCursor = ui.active === side && pane.cursor === pane.top + line;
  activate(app, side);
  app.ui.changePane(side, { type: 'movedTo', index: pane.top + line });
  if (isOnCursor) app.tasks.start(() => enter(app));
}

function activate(app: Using<'ui'>, side: Side): void {
  if (app.ui.get().active !== side) app.ui.dispatch({ type: 'activated', side });
}

function sideAt(ui: Ui, column: number): Side {
  if (!layoutOf(ui).hasTwoPanes) return ui.active;
  return column < Math.floor(ui.size.columns / 2) ? 'left' : 'right';
}
