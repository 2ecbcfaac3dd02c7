import { type Ui, type UiEvent, updateUi } from '../state/ui.ts';

/** Holds the state of the screen and notifies its readers. */
export class UiStore {
  #ui: Ui;
  readonly #resize: (ui: Ui) => Ui;
  readonly #listeners = new Set<() => void>();

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
}
