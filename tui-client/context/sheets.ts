import type { ListItem } from '../state/list-box.ts';
import { newListBox } from '../state/list-box.ts';
import type { ChoiceSheet, Sheet, SheetEvent, SheetTopic } from '../state/sheet.ts';
import type { SheetAnswer } from '../state/sheet-keys.ts';
import { pressInSheet } from '../state/sheet-keys.ts';
import { textField } from '../state/text-field.ts';
import type { Key } from '../terminal/keys.ts';
import type { UiStore } from './ui-store.ts';

interface OpenSheet {
  readonly sheet: Sheet;
  readonly onOpened: () => void;
  readonly onWanted: (id: string) => void;
  readonly answer: (answer: SheetAnswer | undefined) => void;
}

/** Asks the user, one question after another: what comes while a sheet is open waits. */
export class Sheets {
  readonly #store: UiStore;
  readonly #waiting: OpenSheet[] = [];
  #open: OpenSheet | undefined;
  /** Keys that came after an answer and before what follows from it. */
  #heldKeys: (() => void)[] | undefined;

  constructor(store: UiStore) {
    this.#store = store;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Shows a sheet; resolves with the answer, or undefined if it was left without one. */
  ask(sheet: Sheet, options: AskOptions = {}): Promise<SheetAnswer | undefined> {
    const { signal } = options;
    return new Promise((resolve) => {
      const asked: OpenSheet = {
        sheet,
        onOpened: options.onOpened ?? (() => {}),
        onWanted: options.onWanted ?? (() => {}),
        answer: resolve,
      };
      if (signal?.aborted) {
        resolve(undefined);
        return;
      }
      signal?.addEventListener('abort', () => this.#withdraw(asked), { once: true });
      this.#waiting.push(asked);
      this.#openNext();
    });
  }

  /** What was chosen, by its id. */
  async choose(sheet: ChoiceSheet, options: AskOptions = {}): Promise<Chosen | undefined> {
    const answer = await this.ask(sheet, options);
    return answer?.type === 'chosen' ? { id: answer.id, isChecked: answer.isChecked } : undefined;
  }

  /** What was typed. */
  async prompt(question: {
    readonly topic?: SheetTopic;
    readonly title: string;
    readonly label: string;
    readonly text?: string;
    readonly hint?: string;
    readonly isSecret?: boolean;
  }): Promise<string | undefined> {
    const answer = await this.ask({
      type: 'prompt',
      topic: question.topic ?? 'prompt',
      title: question.title,
      label: question.label,
      field: textField(question.text),
      isSecret: question.isSecret ?? false,
      hint: question.hint ?? '',
    });
    return answer?.type === 'typed' ? answer.text : undefined;
  }

  async pick(
    question: {
      readonly topic: SheetTopic;
      readonly title: string;
      readonly items: readonly ListItem[];
      readonly hint?: string;
      readonly isGrowing?: boolean;
    },
    options: AskOptions = {},
  ): Promise<Extract<SheetAnswer, { type: 'picked' }> | undefined> {
    const sheet: Sheet = {
      type: 'list',
      topic: question.topic,
      title: question.title,
      list: newListBox(question.items),
      hint: question.hint ?? '',
      isGrowing: question.isGrowing ?? false,
    };
    const answer = await this.ask(sheet, options);
    return answer?.type === 'picked' ? answer : undefined;
  }

  /** True if a key has to wait until what follows from an answer is on the screen. */
  hold(press: () => void): boolean {
    this.#heldKeys?.push(press);
    return this.#heldKeys !== undefined;
  }

  press(key: Key): void {
    const { sheet } = this.#store.get();
    if (sheet === undefined) return;
    const step = pressInSheet(sheet, key);
    if (step.type === 'event') this.change(step.event);
    if (step.type === 'wanted') this.#open?.onWanted(step.id);
    if (step.type === 'answer') this.#close(step.answer);
  }

  /** Changes the sheet that is open. */
  change(event: SheetEvent): void {
    this.#store.dispatch({ type: 'sheet', event });
  }

  /** Leaves the open sheet without an answer. */
  dismiss(): void {
    this.#close(undefined);
  }

  #openNext(): void {
    if (this.#open !== undefined) return;
    this.#open = this.#waiting.shift();
    if (this.#open === undefined) return;
    this.#store.dispatch({ type: 'sheetOpened', sheet: this.#open.sheet });
    this.#open.onOpened();
  }

  #close(answer: SheetAnswer | undefined): void {
    const closed = this.#open;
    if (closed === undefined) return;
    this.#open = undefined;
    this.#store.dispatch({ type: 'sheetClosed' });
    closed.answer(answer);
    this.#heldKeys ??= [];
    // What follows from the answer may ask first.
    setImmediate(() => {
      this.#openNext();
      const keys = this.#heldKeys ?? [];
      this.#heldKeys = undefined;
      for (const press of keys) press();
    });
  }

  #withdraw(asked: OpenSheet): void {
    if (this.#open === asked) {
      this.#close(undefined);
      return;
    }
    const at = this.#waiting.indexOf(asked);
    if (at >= 0) this.#waiting.splice(at, 1);
    asked.answer(undefined);
  }
}

interface AskOptions {
  /** Takes the question back. */
  readonly signal?: AbortSignal | undefined;
  /** Called once it is on the screen. */
  readonly onOpened?: () => void;
  /** Called for each choice that leaves the sheet open. */
  readonly onWanted?: (id: string) => void;
}

interface Chosen {
  readonly id: string;
  readonly isChecked: boolean;
}
