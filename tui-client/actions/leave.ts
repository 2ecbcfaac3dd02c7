import { counted } from '../format.ts';
import type { Desk } from './desk.ts';

const TWICE_WITHIN_MS = 1000;

/** Ends the program; asks while transfers run. */
export async function quit(desk: Desk): Promise<void> {
  if (!(await mayStopTransfers(desk, 'stop them and quit'))) return;
  await desk.online?.close();
  desk.quit(0);
}

/** Whether transfers may end with the connection: asks if there are any. */
export async function mayStopTransfers(desk: Desk, label: string): Promise<boolean> {
  // What is shown of the queue may be a moment old.
  const { running = 0, waiting = 0 } = desk.online?.queue.snapshot().counts ?? {};
  if (running + waiting === 0) return true;
  const chosen = await desk.sheets.choose({
    type: 'choice',
    topic: 'quit',
    title: 'Transfers are running',
    tone: 'danger',
    lines: [
      `${counted(running, 'transfer')} running, ${waiting} waiting.`,
      'They can be carried on at the next login to this site.',
    ],
    top: 0,
    choices: [{ id: 'stop', keys: ['y'], label }],
    escape: 'stay',
    check: undefined,
  });
  return chosen !== undefined;
}

/** To the sites; the connection stays until another one is made. */
export function showSites(desk: Desk): void {
  desk.store.dispatch(
    { type: 'screenShown', screen: 'login' },
    { type: 'login', event: { type: 'partChanged', part: 'sites' } },
  );
}

/** Ctrl-C: cancels what is in front; twice within a second it ends the program. */
export class Interrupt {
  #lastMs = Number.NEGATIVE_INFINITY;

  press(desk: Desk, nowMs: number): void {
    const isSecond = nowMs - this.#lastMs < TWICE_WITHIN_MS;
    this.#lastMs = nowMs;
    if (isSecond) {
      desk.start(async () => {
        desk.sheets.dismiss();
        desk.foreground.cancel();
        await desk.online?.close();
        desk.quit(130);
      });
      return;
    }
    const cancelled = cancelFront(desk);
    const hint = desk.keymap.hint('everywhere', 'interrupt', ' again quits.');
    desk.tell(cancelled ? `Cancelled. ${hint}` : hint);
  }
}

/** How what takes long is cancelled. */
export function stopHint({ keymap }: Desk): string {
  return keymap.hint('everywhere', 'interrupt', ' stops.');
}

/** False if nothing was there to cancel. */
export function cancelFront(desk: Desk): boolean {
  const ui = desk.store.get();
  if (desk.sheets.isOpen) {
    desk.sheets.dismiss();
    return true;
  }
  if (desk.foreground.cancel()) return true;
  const listing = desk.listings.get(ui.active);
  if (listing !== undefined) {
    listing.abort();
    return true;
  }
  if (ui.screen === 'viewer' || ui.screen === 'log' || ui.screen === 'queue') {
    desk.store.dispatch({ type: 'screenShown', screen: desk.online ? 'files' : 'login' });
    return true;
  }
  if (ui.panes[ui.active].filter !== '') {
    desk.changeActive({ type: 'filtered', filter: '' });
    return true;
  }
  return false;
}
