import type { UiStore } from './ui-store.ts';

/** Shows lines on the log screen. They come many at a time, and are shown together. */
export function showLogLines(store: UiStore): (line: string) => void {
  let held: string[] = [];
  return (line) => {
    if (held.length === 0) {
      setImmediate(() => {
        store.dispatch({ type: 'log', event: { type: 'added', lines: held } });
        held = [];
      });
    }
    held.push(line);
  };
}
