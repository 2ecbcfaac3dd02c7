import type { Action, Context } from '../keymap.ts';
import type { Desk } from './desk.ts';

type Move =
  | { readonly type: 'moved'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number };

const MOVES: Partial<Record<Action, Move>> = {
  'cursor-up': { type: 'moved', by: -1 },
  'cursor-down': { type: 'moved', by: 1 },
  'page-up': { type: 'paged', by: -1 },
  'page-down': { type: 'paged', by: 1 },
};

const END = Number.MAX_SAFE_INTEGER;
const SHIFT_COLUMNS = 8;

/** Moves in whatever list or text is in front. */
export function moveCursor(desk: Desk, context: Context, action: Action): void {
  const move = MOVES[action];
  if (context === 'viewer') moveInViewer(desk, action, move);
  else if (context === 'log') moveInLog(desk, action, move);
  else if (move !== undefined) moveInList(desk, context, move);
  else if (action === 'first' || action === 'last') {
    moveTo(desk, context, action === 'first' ? 0 : END);
  }
}

function moveInList(desk: Desk, context: Context, move: Move): void {
  if (context === 'files' || context === 'filter') desk.changeActive(move);
  if (context === 'queue') desk.store.dispatch({ type: 'queue', event: move });
  if (context === 'sites') {
    desk.store.dispatch({ type: 'login', event: { type: 'list', event: move } });
  }
}

function moveTo(desk: Desk, context: Context, index: number): void {
  const event = { type: 'movedTo', index } as const;
  if (context === 'files') desk.changeActive(event);
  if (context === 'queue') desk.store.dispatch({ type: 'queue', event });
}

function moveInViewer(desk: Desk, action: Action, move: Move | undefined): void {
  const event =
    move?.type === 'paged'
      ? move
      : move !== undefined
        ? ({ type: 'scrolled', by: move.by } as const)
        : viewerJump(action);
  if (event !== undefined) desk.store.dispatch({ type: 'viewer', event });
}

function viewerJump(action: Action) {
  if (action === 'first') return { type: 'scrolledTo', top: 0 } as const;
  if (action === 'last') return { type: 'scrolledTo', top: END } as const;
  if (action === 'scroll-left') return { type: 'shifted', by: -SHIFT_COLUMNS } as const;
  return action === 'scroll-right' ? ({ type: 'shifted', by: SHIFT_COLUMNS } as const) : undefined;
}

function moveInLog(desk: Desk, action: Action, move: Move | undefined): void {
  if (move?.type === 'paged') desk.store.dispatch({ type: 'log', event: move });
  else if (move !== undefined) {
    desk.store.dispatch({ type: 'log', event: { type: 'scrolled', by: move.by } });
  } else if (action === 'first') desk.store.dispatch({ type: 'log', event: { type: 'toFirst' } });
  else if (action === 'last') desk.store.dispatch({ type: 'log', event: { type: 'toLast' } });
}
