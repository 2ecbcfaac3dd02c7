import type { Pane } from '../state/pane.ts';
import type { PaneEvent } from '../state/pane-events.ts';
import {
  activePane,
  type Notice,
  otherPane,
  type Side,
  type Ui,
  type UiEvent,
  updateUi,
} from '../state/ui.ts';

const NOTICE_MS = 6000;

/** Holds the state of the screen and notifies its readers. */
export class UiStore {
  #ui: Ui;
  readonly #resize: (ui: Ui) => Ui;
  readonly #listeners = new Set<() => void>();
  #noticeTimer: NodeJS.Timeout | undefined;

  /** @param resize makes lists as high as they are drawn. */
  constructor(ui: Ui, resize: (ui: Ui) => Ui) {
    this.#resize = resize;
    this.#ui = resize(ui);
  }

  readonly get = (): Ui => this.#ui;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  dispatch(...events: readonly UiEvent[]): void {
    const before = this.#ui;
    const after = events.reduce(updateUi, before);
    if (after === before) return;
    this.#ui = this.#resize(after);
    for (const listener of this.#listeners) listener();
  }

  get activePane(): Pane {
    return activePane(this.#ui);
  }

  get otherPane(): Pane {
    return otherPane(this.#ui);
  }

  changePane(side: Side, event: PaneEvent): void {
    this.dispatch({ type: 'pane', side, event });
  }

  changeActivePane(event: PaneEvent): void {
    this.changePane(this.#ui.active, event);
  }

  /** Shows a notice, with keys beside it. A bad one stays until the next key, others for some seconds. */
  notify(text: string, tone: Notice['tone'] = 'calm', hint = ''): void {
    const notice = text === '' ? undefined : { text, tone, hint };
    this.dispatch({ type: 'noticed', notice });
    clearTimeout(this.#noticeTimer);
    if (notice === undefined || tone === 'bad') return;
    this.#noticeTimer = setTimeout(() => {
      if (this.#ui.notice === notice) this.dispatch({ type: 'noticed', notice: undefined });
    }, NOTICE_MS).unref();
  }
}
