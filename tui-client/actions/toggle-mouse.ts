import type { Using } from '../context/app-context.ts';

export function toggleMouse(app: Using<'ui' | 'terminal'>): void {
  const mouse = app.terminal.mouse === 'on' ? 'off' : 'on';
  app.terminal.setMouse(mouse);
  app.ui.notify(mouse === 'on' ? 'Mouse on: hold Shift to select text.' : 'Mouse off.');
}
