import * as browse from '../actions/browse.ts';
import { makeDirectory, renameFiles } from '../actions/change-files.ts';
import { changeModes } from '../actions/change-mode.ts';
import { changePassword } from '../actions/change-password.ts';
import { copyChosen } from '../actions/copy.ts';
import { deleteFiles } from '../actions/delete-files.ts';
import { showBookmarks } from '../actions/directory-bookmarks.ts';
import { editFiles } from '../actions/edit-file.ts';
import { findBelow } from '../actions/find-below.ts';
import { showHelp } from '../actions/help.ts';
import { goBack, interrupt, quit, showSites } from '../actions/leave.ts';
import { markByPattern, markDifferences } from '../actions/mark.ts';
import { mirrorDirectory } from '../actions/mirror.ts';
import { showProperties } from '../actions/properties.ts';
import * as queue from '../actions/queue-actions.ts';
import { showCommands } from '../actions/show-commands.ts';
import * as sites from '../actions/sites.ts';
import { askForSort } from '../actions/sort.ts';
import { toggleMouse } from '../actions/toggle-mouse.ts';
import { showTrash } from '../actions/trash.ts';
import { findText, viewFile } from '../actions/view-file.ts';
import { writeLog } from '../actions/write-log.ts';
import type { AppContext, Using } from '../context/app-context.ts';
import type { Action, Context, ScreenAction } from './keymap.ts';
import { type CursorAction, moveCursor } from './move-cursor.ts';

type Handler = (app: AppContext, context: Context) => Promise<void> | void;

/** Runs an action of a key or of the help. Its failure appears in the last line. */
export function runAction(app: AppContext, context: Context, action: Action): void {
  const handler = (handlers as Partial<Record<Action, Handler>>)[action];
  if (handler !== undefined) app.tasks.start(() => handler(app, context));
}

/** One handler for each action: the compiler finds an action without one. */
const handlers = {
  help: (app, context) => showHelp(app, context, (action) => runAction(app, context, action)),
  quit,
  cancel: goBack,
  back: goBack,
  interrupt,
  redraw: (app) => app.terminal.screen.repaint(),
  suspend: (app) => {
    if (!app.terminal.suspend()) app.ui.notify('No shell to return to.');
  },
  'toggle-log': (app) => app.ui.dispatch({ type: 'screenShown', screen: 'log' }),
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
  queue: (app) => app.ui.dispatch({ type: 'screenShown', screen: 'queue' }),
  view: viewFile,
  edit: editFiles,
  copy: copyChosen,
  rename: renameFiles,
  'make-directory': makeDirectory,
  delete: deleteFiles,
  mark: (app) =>
    app.ui.changeActivePane({ type: 'marked', targetDirectory: app.ui.otherPane.path }),
  'mark-all': (app) =>
    app.ui.changeActivePane({ type: 'allMarked', targetDirectory: app.ui.otherPane.path }),
  'mark-invert': (app) =>
    app.ui.changeActivePane({ type: 'marksInverted', targetDirectory: app.ui.otherPane.path }),
  'mark-pattern': markByPattern,
  compare: markDifferences,
  mirror: mirrorDirectory,
  filter: (app) => app.ui.dispatch({ type: 'filtering', isFiltering: true }),
  'filter-keep': (app) => app.ui.dispatch({ type: 'filtering', isFiltering: false }),
  'filter-clear': (app) => {
    app.ui.dispatch({ type: 'filtering', isFiltering: false });
    app.ui.changeActivePane({ type: 'filtered', filter: '' });
  },
  find: (app, context) => (context === 'viewer' ? findText(app) : findBelow(app)),
  'find-next': (app) => {
    const text = app.ui.get().viewer?.sought ?? '';
    app.ui.dispatch({ type: 'viewer', event: { type: 'sought', text } });
  },
  wrap: (app) => app.ui.dispatch({ type: 'viewer', event: { type: 'wrapToggled' } }),
  'view-mode': (app) => app.ui.dispatch({ type: 'viewer', event: { type: 'modeToggled' } }),
  sort: askForSort,
  'toggle-hidden': (app) => app.ui.changeActivePane({ type: 'hiddenToggled' }),
  bookmarks: showBookmarks,
  properties: showProperties,
  'change-mode': changeModes,
  trash: showTrash,
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
  'move-down': (app) => queue.moveJob(app, 1),
  'move-up': (app) => queue.moveJob(app, -1),
  'more-workers': (app) => queue.changeWorkers(app, 1),
  'fewer-workers': (app) => queue.changeWorkers(app, -1),
  'limit-rate': queue.changeLimit,
  'queue-filter': queue.turnFilter,
  'next-failed': queue.goToNextFailed,
  'clear-done': queue.clearEnded,
  details: queue.showDetails,
  'retry-now': queue.retryConnection,
  'retry-stop': queue.stopRetrying,

  'cursor-up': moving('cursor-up'),
  'cursor-down': moving('cursor-down'),
  'page-up': moving('page-up'),
  'page-down': moving('page-down'),
  first: moving('first'),
  last: moving('last'),
  'scroll-left': moving('scroll-left'),
  'scroll-right': moving('scroll-right'),
} satisfies Record<ScreenAction, Handler>;

function moving(action: CursorAction): Handler {
  return (app, context) => moveCursor(app, context, action);
}

function turn(app: Using<'ui'>, context: Context): void {
  if (context === 'files') browse.turnToOtherPane(app);
  else if (context === 'sites') {
    app.ui.dispatch({ type: 'login', event: { type: 'partChanged', part: 'form' } });
  }
}
