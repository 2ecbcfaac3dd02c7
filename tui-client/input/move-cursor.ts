import type { Using } from '../context/app-context.ts';
import type { Context } from './keymap.ts';

type Move =
  | { readonly type: 'moved'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number };

/** Actions that move in the list or text that is in front. */
export type CursorAction =
  | 'cursor-up'
  | 'cursor-down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'scroll-left'
  | 'scroll-right';

const MOVES: Partial<Record<CursorAction, Move>> = {
  'cursor-up': { type: 'moved', by: -1 },
  'cursor-down': { type: 'moved', by: 1 },
  'page-up': { type: 'paged', by: -1 },
  'page-down': { type: 'paged', by: 1 },
};

const END = Number.MAX_SAFE_INTEGER;
const SHIFT_COLUMNS = 8;

/** Moves in whatever list or text is in front. */
export function moveCursor(app: Using<'ui'>, context: Context, action: CursorAction): void {
  const move = MOVES[action];
  if (context === 'viewer') moveInViewer(app, action, move);
  else if (context === 'log') moveInLog(app, action, move);
  else if (move !== undefined) moveInList(app, context, move);
  else if (action === 'first' || action === 'last') {
    moveTo(app, context, action === 'first' ? 0 : END);
  }
}

function moveInList(app: Using<'ui'>, context: Context, move: Move): void {
  if (context === 'files' || context === 'filter') app.ui.changeActivePane(move);
  if (context === 'queue') app.ui.dispatch({ type: 'queue', event: move });
  if (context === 'sites') {
    app.ui.dispatch({ type: 'login', event: { type: 'list', event: move } });
  }
}

function moveTo(app: Using<'ui'>, context: Context, index: number): void {
  const event = { type: 'movedTo', index } as const;
  if (context === 'files') app.ui.changeActivePane(event);
  if (context === 'queue') app.ui.dispatch({ type: 'queue', event });
}

function moveInViewer(app: Using<'ui'>, action: CursorAction, move: Move | undefined): void {
  const event =
    move?.type === 'paged'
      ? move
      : move !== undefined
        ? ({ type: 'scrolled', by: move.by } as const)
        : viewerJump(action);
  if (event !== undefined) app.ui.dispatch({ type: 'viewer', event });
}

function viewerJump(action: CursorAction) {
  if (action === 'first') return { type: 'scrolledTo', top: 0 } as const;
  if (action === 'last') return { type: 'scrolledTo', top: END } as const;
  if (action === 'scroll-left') return { type: 'shifted', by: -SHIFT_COLUMNS } as const;
  return action === 'scroll-right' ? ({ type: 'shifted', by: SHIFT_COLUMNS } as const) : undefined;
}

function moveInLog(app: Using<'ui'>, action: CursorAction, move: Move | undefined): void {
  if (move?.type === 'paged') app.ui.dispatch({ type: 'log', event: move });
  else if (move !== undefined) {
    app.ui.dispatch({ type: 'log', event: { type: 'scrolled', by: move.by } });
  } else if (action === 'first') app.ui.dispatch({ type: 'log', event: { type: 'toFirst' } });
  else if (action === 'last') app.ui.dispatch({ type: 'log', event: { type: 'toLast' } });
}
