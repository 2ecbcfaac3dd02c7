import type { UiStore } from '../context/ui-store.ts';
import type { ChoiceDialog, Dialog, DialogEvent, DialogTopic } from '../state/dialog.ts';
import type { DialogAnswer } from '../state/dialog-keys.ts';
import { pressInDialog } from '../state/dialog-keys.ts';
import type { ListItem } from '../state/list-box.ts';
import { newListBox } from '../state/list-box.ts';
import { textField } from '../state/text-field.ts';
import type { Key } from '../terminal/keys.ts';

interface OpenDialog {
  readonly dialog: Dialog;
  readonly onOpened: () => void;
  readonly onWanted: (id: string) => void;
  readonly answer: (answer: DialogAnswer | undefined) => void;
}

/** Asks the user, one question after another: what comes while a dialog is open waits. */
export class Dialogs {
  readonly #store: UiStore;
  readonly #waiting: OpenDialog[] = [];
  #open: OpenDialog | undefined;
  /** Keys that came after an answer and before what follows from it. */
  #heldKeys: (() => void)[] | undefined;

  constructor(store: UiStore) {
    this.#store = store;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Shows a dialog; resolves with the answer, or undefined if it was left without one. */
  ask(dialog: Dialog, options: AskOptions = {}): Promise<DialogAnswer | undefined> {
    const { signal } = options;
    return new Promise((resolve) => {
      const asked: OpenDialog = {
        dialog,
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

  /** Shows facts and choices; resolves with the id of the choice. */
  async choose(question: ChoiceQuestion, options: AskOptions = {}): Promise<Chosen | undefined> {
    const defaults = { tone: 'calm', lines: [], choices: [], check: undefined } as const;
    const answer = await this.ask({ type: 'choice', top: 0, ...defaults, ...question }, options);
    return answer?.type === 'chosen' ? { id: answer.id, isChecked: answer.isChecked } : undefined;
  }

  /** What was typed. */
  async prompt(question: {
    readonly topic?: DialogTopic;
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
      readonly topic: DialogTopic;
      readonly title: string;
      readonly items: readonly ListItem[];
      readonly hint?: string;
      readonly isGrowing?: boolean;
    },
    options: AskOptions = {},
  ): Promise<Extract<DialogAnswer, { type: 'picked' }> | undefined> {
    const dialog: Dialog = {
      type: 'list',
      topic: question.topic,
      title: question.title,
      list: newListBox(question.items),
      hint: question.hint ?? '',
      isGrowing: question.isGrowing ?? false,
    };
    const answer = await this.ask(dialog, options);
    return answer?.type === 'picked' ? answer : undefined;
  }

  /** True if a key has to wait until what follows from an answer is on the screen. */
  hold(press: () => void): boolean {
    this.#heldKeys?.push(press);
    return this.#heldKeys !== undefined;
  }

  press(key: Key): void {
    const { dialog } = this.#store.get();
    if (dialog === undefined) return;
    const step = pressInDialog(dialog, key);
    if (step.type === 'event') this.change(step.event);
    if (step.type === 'wanted') this.#open?.onWanted(step.id);
    if (step.type === 'answer') this.#close(step.answer);
  }

  /** Changes the dialog that is open. */
  change(event: DialogEvent): void {
    this.#store.dispatch({ type: 'dialog', event });
  }

  /** Leaves the open dialog without an answer. */
  dismiss(): void {
    this.#close(undefined);
  }

  #openNext(): void {
    if (this.#open !== undefined) return;
    this.#open = this.#waiting.shift();
    if (this.#open === undefined) return;
    this.#store.dispatch({ type: 'dialogOpened', dialog: this.#open.dialog });
    this.#open.onOpened();
  }

  #close(answer: DialogAnswer | undefined): void {
    const closed = this.#open;
    if (closed === undefined) return;
    this.#open = undefined;
    this.#store.dispatch({ type: 'dialogClosed' });
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

  #withdraw(asked: OpenDialog): void {
    if (this.#open === asked) {
      this.#close(undefined);
      return;
    }
    const at = this.#waiting.indexOf(asked);
    if (at >= 0) this.#waiting.splice(at, 1);
    asked.answer(undefined);
  }
}

/** A dialog of choices; calm, and without lines, choices or a check box unless they are given. */
export type ChoiceQuestion = Pick<ChoiceDialog, 'topic' | 'title' | 'escape'> &
  Partial<Pick<ChoiceDialog, 'tone' | 'lines' | 'choices' | 'check'>>;

interface AskOptions {
  /** Takes the question back. */
  readonly signal?: AbortSignal | undefined;
  /** Called once it is on the screen. */
  readonly onOpened?: () => void;
  /** Called for each choice that leaves the dialog open. */
  readonly onWanted?: (id: string) => void;
}

interface Chosen {
  readonly id: string;
  readonly isChecked: boolean;
}
