import { ConversationLog } from '../conversation-log.ts';
import type { Keymap } from '../keymap.ts';
import type { Place } from '../place.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { Pane } from '../state/pane.ts';
import type { PaneEvent } from '../state/pane-events.ts';
import { activePane, type Notice, otherPane, type Side } from '../state/ui.ts';
import type { Term } from '../terminal/term.ts';
import type { TransferQueue } from '../transfers/transfer-queue.ts';
import { failureText, isCancelled } from './failure-text.ts';
import { Foreground } from './foreground.ts';
import { Interrupt } from './leave.ts';
import type { ScreenServices } from './screen-services.ts';
import { Sheets } from './sheets.ts';
import { showLogLines } from './show-log-lines.ts';
import type { UiStore } from './ui-store.ts';

const NOTICE_MS = 6000;

/** A site that we are logged in at. */
export interface Online {
  readonly session: RemoteSession;
  readonly queue: TransferQueue;
  /** How many transfers run at once. */
  setWorkers(count: number): void;
  /** Leaves: closes connections and shows nothing further. */
  close(): Promise<void>;
}

interface DeskParts {
  readonly store: UiStore;
  readonly keymap: Keymap;
  readonly term: Pick<Term, 'lend' | 'suspend' | 'setMouse' | 'mouse' | 'screen'>;
  readonly local: Place;
  readonly services: ScreenServices;
  /** Ends the program. */
  readonly quit: (exitCode: number) => void;
}

/** All that an action may need, in one hand. What is seen lives in the store, what runs lives here. */
export class Desk {
  readonly store: UiStore;
  readonly keymap: Keymap;
  readonly term: DeskParts['term'];
  readonly local: Place;
  readonly services: ScreenServices;
  readonly quit: (exitCode: number) => void;
  readonly sheets: Sheets;
  readonly foreground = new Foreground();
  readonly interrupt = new Interrupt();
  /** Of all logins since the start. */
  readonly conversation: ConversationLog;
  /** Listings under way, at most one for a pane. */
  readonly listings = new Map<Side, AbortController>();
  online: Online | undefined;
  #noticeTimer: NodeJS.Timeout | undefined;

  constructor(parts: DeskParts) {
    this.store = parts.store;
    this.keymap = parts.keymap;
    this.term = parts.term;
    this.local = parts.local;
    this.services = parts.services;
    this.quit = parts.quit;
    this.sheets = new Sheets(parts.store);
    this.conversation = new ConversationLog(showLogLines(parts.store));
  }

  get active(): Pane {
    return activePane(this.store.get());
  }

  get other(): Pane {
    return otherPane(this.store.get());
  }

  /** Undefined for a server that we are not logged in at. */
  placeOf(side: Side): Place | undefined {
    return side === 'left' ? this.local : this.online?.session.place;
  }

  change(side: Side, event: PaneEvent): void {
    this.store.dispatch({ type: 'pane', side, event });
  }

  /** Changes the pane that keys go to. */
  changeActive(event: PaneEvent): void {
    this.change(this.store.get().active, event);
  }

  /** In a line of its own, with keys beside it. What went wrong stands until the next key, the rest for a while. */
  tell(text: string, tone: Notice['tone'] = 'calm', hint = ''): void {
    const notice = text === '' ? undefined : { text, tone, hint };
    this.store.dispatch({ type: 'noticed', notice });
    clearTimeout(this.#noticeTimer);
    if (notice === undefined || tone === 'bad') return;
    this.#noticeTimer = setTimeout(() => {
      if (this.store.get().notice !== notice) return;
      this.store.dispatch({ type: 'noticed', notice: undefined });
    }, NOTICE_MS).unref();
  }

  /** Starts work without waiting for it; its failure appears in the last line. */
  start(task: () => Promise<void> | void): void {
    void (async () => {
      try {
        await task();
      } catch (error) {
        if (isCancelled(error)) this.tell('Cancelled.');
        else this.tell(failureText(error), 'bad');
      }
    })();
  }
}
