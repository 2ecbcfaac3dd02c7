import { type Content, type Octets, sizeOf } from './content.ts';

interface Change {
  readonly content: Content | undefined;
  readonly begin: number;
  end: number;
  state: 'under way' | 'done' | 'refused' | 'lost';
}

/**
 * What may be under names that several clients change at the same time: whatever was not surely replaced by
 * something that began after it had ended.
 */
export class SharedNames {
  readonly #octets: Octets;
  readonly #changes = new Map<string, Change[]>();
  #clock = 0;

  constructor(octets: Octets) {
    this.#octets = octets;
  }

  get paths(): string[] {
    return [...this.#changes.keys()];
  }

  /** Somebody begins to store a content, or to delete (`undefined`). */
  begin(path: string, content: Content | undefined): Change {
    this.#clock += 1;
    const change: Change = { content, begin: this.#clock, end: Infinity, state: 'under way' };
    const changes = this.#changes.get(path) ?? [known(undefined)];
    this.#changes.set(path, [...changes, change]);
    return change;
  }

  end(change: Change, state: 'done' | 'refused' | 'lost'): void {
    this.#clock += 1;
    change.state = state;
    if (state === 'done') change.end = this.#clock;
  }

  /** Whether a file of these octets, or none, may be on the disk under a name. */
  mayHold(path: string, found: Buffer | undefined): boolean {
    return this.#possible(path).some(({ content }) => this.#is(found, content));
  }

  /** Whether these octets may be what a cut upload has left. */
  mayBePartial(path: string, found: Buffer): boolean {
    return this.#partialContents(path).some((content) => this.#octets.areStartOf(found, content));
  }

  /** Whether a client may be shown these octets, at any moment since the last check. */
  mayShow(path: string, shown: Buffer): boolean {
    const contents = this.#partialContents(path);
    return contents.some((content) => this.#octets.areStartOf(shown, content));
  }

  /** From now on just what was found counts. */
  settle(path: string, { file }: { file: Content | undefined }): void {
    this.#changes.set(path, [known(file)]);
  }

  /** The content that a file was found to have. */
  contentOf(path: string, found: Buffer): Content | undefined {
    return this.#possible(path).find(({ content }) => this.#is(found, content))?.content;
  }

  #possible(path: string): Change[] {
    const changes = this.#changes.get(path) ?? [known(undefined)];
    const effective = changes.filter(({ state }) => state !== 'refused');
    return effective.filter(
      ({ end }) => !effective.some(({ state, begin }) => state === 'done' && begin > end),
    );
  }

  #partialContents(path: string): Content[] {
    const contents = (this.#changes.get(path) ?? []).map(({ content }) => content);
    return contents.filter((content) => content !== undefined);
  }

  #is(found: Buffer | undefined, content: Content | undefined): boolean {
    if (found === undefined || content === undefined) return found === content;
    return found.length === sizeOf(content) && this.#octets.are(found, content);
  }
}

function known(content: Content | undefined): Change {
  return { content, begin: 0, end: 0, state: 'done' };
}
