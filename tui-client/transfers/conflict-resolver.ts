import type { Failure } from '../errors/failure.ts';
import type { Conflict, ConflictAnswer, ConflictHandler } from './conflict.ts';
import type { QueueState } from './queue/queue-state.ts';

interface DeskOptions {
  readonly cancel: (id: string) => void;
  readonly answered: () => void;
}

/** Brings conflicts to the user one at a time, and remembers an answer that holds for all. */
export class ConflictResolver {
  readonly #ask: ConflictHandler;
  readonly #state: QueueState;
  readonly #options: DeskOptions;
  readonly #line: Conflict[] = [];
  #standing: ConflictAnswer['policy'] | undefined;
  #isAsking = false;

  constructor(ask: ConflictHandler, state: QueueState, options: DeskOptions) {
    this.#ask = ask;
    this.#state = state;
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#isAsking;
  }

  get hasStandingAnswer(): boolean {
    return this.#standing !== undefined;
  }

  forgetAnswer(): void {
    this.#standing = undefined;
  }

  /** Of a job that is in the state `asking`. */
  bring(conflict: Conflict): void {
    this.#line.push(conflict);
    if (!this.#isAsking) void this.#answerAll();
  }

  async #answerAll(): Promise<void> {
    this.#isAsking = true;
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      await this.#answer(next);
    }
    this.#isAsking = false;
    this.#options.answered();
  }

  async #answer(conflict: Conflict): Promise<void> {
    const { id } = conflict.job;
    if (this.#state.list.get(id)?.state !== 'asking') return;
    try {
      const policy = this.#standing ?? (await this.#askFor(conflict));
      if (policy === 'cancel') this.#options.cancel(id);
      else this.#state.apply(id, { type: 'answered', policy });
    } catch (error) {
      const { message, advice } = error as Pick<Failure, 'message' | 'advice'>;
      this.#state.apply(id, { type: 'failed', error: { kind: 'exists', message, advice } });
    }
    this.#options.answered();
  }

  async #askFor(conflict: Conflict): Promise<ConflictAnswer['policy']> {
    const { policy, scope } = await this.#ask(conflict);
    if (scope === 'all') this.#standing = policy;
    return policy;
  }
}
