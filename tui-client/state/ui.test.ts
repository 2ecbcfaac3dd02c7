import { expect, test } from '@jest/globals';
import { newUi, type Ui, type UiEvent, updateUi } from './ui.ts';

const START = newUi({ localPath: '/home/anna', size: { columns: 80, rows: 24 } });
const updated = (...events: readonly UiEvent[]): Ui => events.reduce(updateUi, START);

test('an event of a pane changes that pane alone', () => {
  const ui = updated({ type: 'pane', side: 'left', event: { type: 'opening' } });
  expect([ui.panes.left.isLoading, ui.panes.right]).toEqual([true, START.panes.right]);
});

test('typing goes to the filter until another pane or a dialog takes over', () => {
  const filtering: UiEvent = { type: 'filtering', isFiltering: true };
  expect(updated(filtering).isFiltering).toBe(true);
  expect(updated(filtering, { type: 'activated', side: 'left' }).isFiltering).toBe(false);
  expect(updated(filtering, { type: 'screenShown', screen: 'queue' }).isFiltering).toBe(false);
});

test('an event for a dialog that was closed meanwhile is dropped', () => {
  expect(updated({ type: 'dialog', event: { type: 'checkToggled' } })).toBe(START);
});

test('events leave the state before them as it was', () => {
  const before = JSON.stringify(START);
  updated({ type: 'activated', side: 'left' }, { type: 'stepToggled' });
  expect(JSON.stringify(START)).toBe(before);
});
