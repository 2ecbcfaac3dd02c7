import type { AppContext, Using } from '../context/app-context.ts';
import { counted } from '../text/format.ts';

/** Ends the program; asks while transfers run. */
export async function quit(app: Using<'dialogs' | 'connection' | 'quit'>): Promise<void> {
  if (!(await mayStopTransfers(app, 'stop them and quit'))) return;
  await app.connection.active?.close();
  app.quit(0);
}

/** Whether transfers may end with the connection: asks if there are any. */
export async function mayStopTransfers(
  app: Using<'dialogs' | 'connection'>,
  label: string,
): Promise<boolean> {
  // What is shown of the queue may be a moment old.
  const { running = 0, waiting = 0 } = app.connection.active?.queue.snapshot().counts ?? {};
  if (running + waiting === 0) return true;
  const chosen = await app.dialogs.choose({
    topic: 'quit',
    title: 'Transfers are running',
    tone: 'danger',
    lines: [
      `${counted(running, 'transfer')} running, ${waiting} waiting.`,
      'You can resume them after the next login to this site.',
    ],
    choices: [{ id: 'stop', keys: ['y'], label }],
    escape: 'stay',
  });
  return chosen !== undefined;
}

/** To the sites; the connection stays until another one is made. */
export function showSites(app: Using<'ui'>): void {
  app.ui.dispatch(
    { type: 'screenShown', screen: 'login' },
    { type: 'login', event: { type: 'partChanged', part: 'sites' } },
  );
}

/** Ctrl-C: cancels what is in front; twice within a second it ends the program. */
export function interrupt(app: AppContext): void {
  if (app.interrupts.press(performance.now())) {
    app.tasks.start(() => quitAtOnce(app));
    return;
  }
  const cancelled = cancelFront(app);
  const hint = app.keymap.hint('everywhere', 'interrupt', ' again quits.');
  app.ui.notify(cancelled ? `Cancelled. ${hint}` : hint);
}

async function quitAtOnce(app: Using<'dialogs' | 'tasks' | 'connection' | 'quit'>): Promise<void> {
  app.dialogs.dismiss();
  app.tasks.cancel();
  await app.connection.active?.close();
  app.quit(130);
}

/** How what takes long is cancelled. */
export function stopHint({ keymap }: Using<'keymap'>): string {
  return keymap.hint('everywhere', 'interrupt', ' stops.');
}

/** Esc: cancels what is in front; on the sites, returns to the files. */
export function goBack(app: Using<'ui' | 'dialogs' | 'tasks' | 'connection' | 'places'>): void {
  const { screen, login } = app.ui.get();
  const hasCancelled = cancelFront(app);
  if (hasCancelled || screen !== 'login') return;
  if (app.connection.active !== undefined)
    app.ui.dispatch({ type: 'screenShown', screen: 'files' });
  else if (login.part === 'form') {
    app.ui.dispatch({ type: 'login', event: { type: 'partChanged', part: 'sites' } });
  }
}

/** @returns false if there is nothing to cancel. */
function cancelFront(app: Using<'ui' | 'dialogs' | 'tasks' | 'connection' | 'places'>): boolean {
  const ui = app.ui.get();
  if (app.dialogs.isOpen) {
    app.dialogs.dismiss();
    return true;
  }
  if (app.tasks.cancel()) return true;
  const listing = app.places.listings.get(ui.active);
  if (listing !== undefined) {
    listing.abort();
    return true;
  }
  if (ui.screen === 'viewer' || ui.screen === 'log' || ui.screen === 'queue') {
    app.ui.dispatch({ type: 'screenShown', screen: app.connection.active ? 'files' : 'login' });
    return true;
  }
  if (ui.panes[ui.active].filter !== '') {
    app.ui.changeActivePane({ type: 'filtered', filter: '' });
    return true;
  }
  return false;
}
