import type { Site } from '../sites/site.ts';
import { type Dialog, type DialogEvent, updateDialog } from './dialog.ts';
import { type LogEvent, type LogLines, newLog, updateLog } from './log-lines.ts';
import { type Login, type LoginEvent, newLogin, updateLogin } from './login.ts';
import { newPane, type Pane, updatePane, withoutCompared } from './pane.ts';
import type { PaneEvent } from './pane-events.ts';
import {
  newQueueView,
  type QueueView,
  type QueueViewEvent,
  updateQueueView,
} from './queue-view.ts';
import { updateViewer, type Viewer, type ViewerEvent } from './viewer.ts';

type ScreenName = 'login' | 'files' | 'queue' | 'viewer' | 'log';
export type Side = 'left' | 'right';

export type Connection =
  | { readonly state: 'none' }
  | {
      readonly state: 'online';
      readonly site: Site;
      /** Of TLS; undefined in clear. */
      readonly protocol: string | undefined;
    }
  | {
      readonly state: 'lost';
      readonly site: Site;
      readonly reason: string;
      /** Undefined after the last attempt. */
      readonly retry:
        | { readonly attempt: number; readonly of: number; readonly inSeconds: number }
        | undefined;
    };

interface Quota {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

export interface Notice {
  readonly text: string;
  readonly tone: 'calm' | 'good' | 'bad';
  /** Keys that go with it, as `Ctrl-R tries again`. */
  readonly hint: string;
}

/** All that is on the screen, and nothing else. Changed by `updateUi` alone. */
export interface Ui {
  readonly screen: ScreenName;
  readonly login: Login;
  readonly panes: Readonly<Record<Side, Pane>>;
  readonly active: Side;
  /** Keys go to the filter of the active pane. */
  readonly isFiltering: boolean;
  /** Both panes go into directories of the same name together. */
  readonly isInStep: boolean;
  readonly dialog: Dialog | undefined;
  readonly notice: Notice | undefined;
  readonly connection: Connection;
  readonly quota: Quota | undefined;
  readonly queue: QueueView;
  readonly viewer: Viewer | undefined;
  readonly log: LogLines;
  readonly size: { readonly columns: number; readonly rows: number };
  /** Of the user: written as `~` in paths. */
  readonly home: string;
}

export type UiEvent =
  | { readonly type: 'screenShown'; readonly screen: ScreenName }
  | { readonly type: 'login'; readonly event: LoginEvent }
  | { readonly type: 'pane'; readonly side: Side; readonly event: PaneEvent }
  | { readonly type: 'activated'; readonly side: Side }
  | { readonly type: 'filtering'; readonly isFiltering: boolean }
  | { readonly type: 'stepToggled' }
  | { readonly type: 'dialogOpened'; readonly dialog: Dialog }
  | { readonly type: 'dialogClosed' }
  | { readonly type: 'dialog'; readonly event: DialogEvent }
  | { readonly type: 'noticed'; readonly notice: Notice | undefined }
  | { readonly type: 'connection'; readonly connection: Connection }
  | { readonly type: 'quota'; readonly quota: Quota | undefined }
  | { readonly type: 'queue'; readonly event: QueueViewEvent }
  | { readonly type: 'viewerOpened'; readonly viewer: Viewer }
  | { readonly type: 'viewer'; readonly event: ViewerEvent }
  | { readonly type: 'log'; readonly event: LogEvent }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number };

export function newUi(given: {
  readonly localPath: string;
  readonly home?: string;
  readonly size: { readonly columns: number; readonly rows: number };
}): Ui {
  const { home = '' } = given;
  return {
    screen: 'login',
    login: newLogin({ ...given, home }),
    panes: { left: newPane('local', given.localPath), right: newPane('remote', '/') },
    active: 'right',
    isFiltering: false,
    isInStep: false,
    dialog: undefined,
    notice: undefined,
    connection: { state: 'none' },
    quota: undefined,
    queue: newQueueView(),
    viewer: undefined,
    log: newLog(),
    size: given.size,
    home,
  };
}

export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

export function activePane(ui: Ui): Pane {
  return ui.panes[ui.active];
}

export function otherPane(ui: Ui): Pane {
  return ui.panes[otherSide(ui.active)];
}

export function updateUi(ui: Ui, event: UiEvent): Ui {
  switch (event.type) {
    case 'screenShown':
      return { ...ui, screen: event.screen, isFiltering: false };
    case 'login':
      return { ...ui, login: updateLogin(ui.login, event.event) };
    case 'pane': {
      const before = ui.panes[event.side];
      const pane = updatePane(before, event.event);
      const panes = { ...ui.panes, [event.side]: pane };
      if (pane.path === before.path) return { ...ui, panes };
      const { left, right } = panes;
      return { ...ui, panes: { left: withoutCompared(left), right: withoutCompared(right) } };
    }
    case 'activated':
      return { ...ui, active: event.side, isFiltering: false };
    case 'filtering':
      return { ...ui, isFiltering: event.isFiltering };
    case 'stepToggled':
      return { ...ui, isInStep: !ui.isInStep };
    case 'noticed':
      return { ...ui, notice: event.notice };
    case 'connection':
      return { ...ui, connection: event.connection };
    case 'quota':
      return { ...ui, quota: event.quota };
    case 'resized':
      return { ...ui, size: { columns: event.columns, rows: event.rows } };
    case 'dialogOpened':
    case 'dialogClosed':
    case 'dialog':
    case 'queue':
    case 'viewerOpened':
    case 'viewer':
    case 'log':
      return updatePart(ui, event);
  }
}

type PartEvent = Extract<
  UiEvent,
  { type: 'dialogOpened' | 'dialogClosed' | 'dialog' | 'queue' | 'viewerOpened' | 'viewer' | 'log' }
>;

function updatePart(ui: Ui, event: PartEvent): Ui {
  switch (event.type) {
    case 'dialogOpened':
      return { ...ui, dialog: event.dialog, isFiltering: false };
    case 'dialogClosed':
      return { ...ui, dialog: undefined };
    case 'dialog':
      return ui.dialog ? { ...ui, dialog: updateDialog(ui.dialog, event.event) } : ui;
    case 'queue':
      return { ...ui, queue: updateQueueView(ui.queue, event.event) };
    case 'viewerOpened':
      return { ...ui, viewer: event.viewer, screen: 'viewer' };
    case 'viewer':
      return ui.viewer ? { ...ui, viewer: updateViewer(ui.viewer, event.event) } : ui;
    case 'log':
      return { ...ui, log: updateLog(ui.log, event.event) };
  }
}
