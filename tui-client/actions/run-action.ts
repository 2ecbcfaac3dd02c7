import type { Action, Context } from '../keymap.ts';
import type { SortBy } from '../state/row-order.ts';
import * as browse from './browse.ts';
import { makeDirectory, renameFiles } from './change-files.ts';
import { changeModes } from './change-mode.ts';
import { changePassword } from './change-password.ts';
import { choicesIn } from './choices.ts';
import { commandLines } from './command-lines.ts';
import { copyChosen } from './copy.ts';
import { deleteFiles } from './delete-files.ts';
import type { Desk } from './desk.ts';
import { showBookmarks } from './directory-bookmarks.ts';
import { editFiles } from './edit-file.ts';
import { findBelow } from './find-below.ts';
import { showHelp } from './help.ts';
import { cancelFront, quit, showSites } from './leave.ts';
import { markByPattern, markDifferences } from './mark.ts';
import { mirrorDirectory } from './mirror.ts';
import { moveCursor } from './move-cursor.ts';
import { showProperties } from './properties.ts';
import * as queue from './queue-actions.ts';
import * as sites from './sites.ts';
import { viewFile } from './view-file.ts';
import { writeLog } from './write-log.ts';

type Doer = (desk: Desk, context: Context) => Promise<void> | void;

/** Runs an action of a key or of the help. Its failure appears in the last line. */
export function runAction(desk: Desk, context: Context, action: Action): void {
  const doer = doers[action];
  if (doer === undefined) moveCursor(desk, context, action);
  else desk.start(() => doer(desk, context));
}

const doers: Partial<Record<Action, Doer>> = {
  help: (desk, context) => showHelp(desk, context, (action) => runAction(desk, context, action)),
  quit,
  cancel: goBack,
  back: goBack,
  interrupt: (desk) => desk.interrupt.press(desk, performance.now()),
  redraw: (desk) => desk.term.screen.repaint(),
  suspend: (desk) => {
    if (!desk.term.suspend()) desk.tell('There is no shell to go back to.');
  },
  'toggle-log': (desk) => desk.store.dispatch({ type: 'screenShown', screen: 'log' }),
  'write-log': writeLog,
  'toggle-mouse': toggleMouse,

  enter: browse.enter,
  parent: browse.leaveToParent,
  'other-pane': turn,
  'same-directory': browse.openSameDirectory,
  'browse-in-step': browse.toggleStep,
  reload: browse.reload,
  'go-to': browse.askWhereTo,
  sites: showSites,
  queue: (desk) => desk.store.dispatch({ type: 'screenShown', screen: 'queue' }),
  view: viewFile,
  edit: editFiles,
  copy: copyChosen,
  rename: renameFiles,
  'make-directory': makeDirectory,
  delete: deleteFiles,
  mark: (desk) => desk.changeActive({ type: 'marked', targetDirectory: desk.other.path }),
  'mark-all': (desk) => desk.changeActive({ type: 'allMarked', targetDirectory: desk.other.path }),
  'mark-invert': (desk) =>
    desk.changeActive({ type: 'marksInverted', targetDirectory: desk.other.path }),
  'mark-pattern': markByPattern,
  compare: markDifferences,
  mirror: mirrorDirectory,
  filter: (desk) => desk.store.dispatch({ type: 'filtering', isFiltering: true }),
  'filter-keep': (desk) => desk.store.dispatch({ type: 'filtering', isFiltering: false }),
  'filter-clear': (desk) => {
    desk.store.dispatch({ type: 'filtering', isFiltering: false });
    desk.changeActive({ type: 'filtered', filter: '' });
  },
  find: (desk, context) => (context === 'viewer' ? findText(desk) : findBelow(desk)),
  'find-next': (desk) => {
    const text = desk.store.get().viewer?.sought ?? '';
    desk.store.dispatch({ type: 'viewer', event: { type: 'sought', text } });
  },
  wrap: (desk) => desk.store.dispatch({ type: 'viewer', event: { type: 'wrapToggled' } }),
  'view-mode': (desk) => desk.store.dispatch({ type: 'viewer', event: { type: 'modeToggled' } }),
  sort: askForSort,
  'toggle-hidden': (desk) => desk.changeActive({ type: 'hiddenToggled' }),
  bookmarks: showBookmarks,
  properties: showProperties,
  'change-mode': changeModes,
  'change-password': changePassword,
  'show-command': showCommands,

  connect: sites.connectToSite,
  'save-site': sites.saveServer,
  'site-new': sites.newSite,
  'site-edit': sites.editSite,
  'site-delete': sites.deleteSite,

  pause: queue.pauseOrResume,
  'pause-all': queue.pauseOrResumeAll,
  retry: queue.retryJob,
  'retry-all': queue.retryAllJobs,
  'cancel-job': queue.cancelJob,
  'move-down': (desk) => queue.moveJob(desk, 1),
  'move-up': (desk) => queue.moveJob(desk, -1),
  'more-workers': (desk) => queue.changeWorkers(desk, 1),
  'fewer-workers': (desk) => queue.changeWorkers(desk, -1),
  'limit-rate': queue.changeLimit,
  'queue-filter': queue.turnFilter,
  'next-failed': queue.goToNextFailed,
  'clear-done': queue.clearEnded,
  details: queue.showDetails,
};

/** Esc: what is in front goes; on the sites, back to the files. */
function goBack(desk: Desk): void {
  const { screen, login } = desk.store.get();
  const hasCancelled = cancelFront(desk);
  if (hasCancelled || screen !== 'login') return;
  if (desk.online !== undefined) desk.store.dispatch({ type: 'screenShown', screen: 'files' });
  else if (login.part === 'form') {
    desk.store.dispatch({ type: 'login', event: { type: 'partChanged', part: 'sites' } });
  }
}

function turn(desk: Desk, context: Context): void {
  if (context === 'files') browse.turnToOtherPane(desk);
  else if (context === 'sites') {
    desk.store.dispatch({ type: 'login', event: { type: 'partChanged', part: 'form' } });
  }
}

function toggleMouse(desk: Desk): void {
  const mouse = desk.term.mouse === 'on' ? 'off' : 'on';
  desk.term.setMouse(mouse);
  desk.tell(
    mouse === 'on' ? 'Mouse on: hold Shift to select text.' : 'Mouse off: the terminal has it.',
  );
}

async function askForSort(desk: Desk): Promise<void> {
  const chosen = await desk.sheets.choose({
    type: 'choice',
    topic: 'sort',
    title: 'Sort by',
    tone: 'calm',
    lines: ['The same again turns the order.'],
    top: 0,
    choices: choicesIn(desk.keymap, 'sort'),
    escape: 'leave as it is',
    check: undefined,
  });
  if (chosen === undefined) return;
  desk.changeActive({ type: 'sorted', by: chosen.id.slice('sort-'.length) as SortBy });
}

async function findText(desk: Desk): Promise<void> {
  const text = await desk.sheets.prompt({
    title: 'Find in this file',
    label: 'Text',
    text: desk.store.get().viewer?.sought ?? '',
  });
  if (text) desk.store.dispatch({ type: 'viewer', event: { type: 'sought', text } });
}

async function showCommands(desk: Desk): Promise<void> {
  const site = desk.online?.session.site;
  if (site === undefined) return;
  await desk.sheets.choose({
    type: 'choice',
    topic: 'command',
    title: 'The same on the command line',
    tone: 'calm',
    lines: commandLines({ active: desk.active, other: desk.other, site }),
    top: 0,
    choices: [],
    escape: 'close',
    check: undefined,
  });
}
