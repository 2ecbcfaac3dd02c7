import type { Failure, FailureKind } from '../errors/failure.ts';
import { counted } from '../text/format.ts';

type Told = Pick<Failure, 'kind'> & { readonly advice?: string | undefined };

const BY_KIND: Partial<Record<FailureKind, string>> = {
  denied: 'Check the permissions of the paths above, or use another account.',
  space: 'No space is left: delete files or raise the limit, then run the command again.',
};

/** What can be done about the failures of a command, each advice once. */
export class Advice {
  readonly #counts = new Map<string, number>();

  note({ kind, advice = BY_KIND[kind] }: Told): void {
    if (advice !== undefined) this.#counts.set(advice, (this.#counts.get(advice) ?? 0) + 1);
  }

  /** One line for each; they are given once. */
  take(): readonly string[] {
    const lines = [...this.#counts].map(([advice, count]) =>
      count === 1 ? advice : `${counted(count, 'failure')}: ${advice}`,
    );
    this.#counts.clear();
    return lines;
  }
}
