import { type Entry, joinPath, type RemoveOptions } from '../place.ts';
import { failureForReply } from './remote-failure.ts';
import { listRemote } from './remote-listing.ts';
import { isRefusal, type Reply } from './reply.ts';
import type { SessionLink } from './session-link.ts';

/** So many entries of one directory are kept in mind; of a longer one it is listed again. */
const ENTRIES_AT_MOST = 20_000;

/** Removes a file, or a directory with all below it. */
export async function removeRemote(
  link: SessionLink,
  path: string,
  options: RemoveOptions,
): Promise<void> {
  await new Removal(link, options).remove(path);
}

class Removal {
  readonly #link: SessionLink;
  readonly #options: RemoveOptions;
  #count = 0;

  constructor(link: SessionLink, options: RemoveOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** DELE comes first, also for a directory: what is listed as one may be a link to it. */
  async remove(path: string, kind?: Entry['kind']): Promise<void> {
    const deleted = await this.#ask(`DELE ${path}`);
    if (!isRefusal(deleted)) return this.#removed();
    if (kind === 'file' || kind === 'link')
      throw failureForReply(deleted, `Could not delete ${path}`);
    const removed = await this.#ask(`RMD ${path}`);
    if (!isRefusal(removed)) return this.#removed();
    const entered = await this.#ask(`CWD ${path}`);
    if (isRefusal(entered)) throw failureForReply(deleted, `Could not delete ${path}`);
    await this.#ask('CWD /');
    await this.#empty(path);
    const again = await this.#ask(`RMD ${path}`);
    if (isRefusal(again)) throw failureForReply(again, `Could not delete ${path}`);
    this.#removed();
  }

  async #empty(path: string): Promise<void> {
    for (;;) {
      const entries = await this.#someEntries(path);
      for (const { name, kind } of entries) await this.remove(joinPath(path, name), kind);
      if (entries.length < ENTRIES_AT_MOST) return;
    }
  }

  async #someEntries(path: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const batch of listRemote(this.#link, path, this.#options.signal)) {
      entries.push(...batch);
      if (entries.length >= ENTRIES_AT_MOST) break;
    }
    return entries;
  }

  #ask(command: string): Promise<Reply> {
    const { signal } = this.#options;
    return this.#link.use(({ control }) => control.ask(command, { signal }), {
      is: 'writes',
      signal,
    });
  }

  #removed(): void {
    this.#count += 1;
    this.#options.onRemoved?.(this.#count);
  }
}
