import { Failure } from '../errors/failure.ts';
import { type Entry, joinPath, lastName, parentOf, type RemoveOptions } from '../files/place.ts';
import { isRefusal, type Reply } from './connection/reply.ts';
import type { SessionLink } from './connection/session-link.ts';
import { workingDirectoryAt } from './follow-link.ts';
import { listRemote } from './listing/remote-listing.ts';
import { failureForReply } from './remote-failure.ts';

/** Number of entries of one directory that are kept in memory; a longer one is listed again. */
const MAX_ENTRIES = 20_000;

/** Removes a file, or a directory with all below it. */
export async function removeRemote(
  link: SessionLink,
  path: string,
  options: RemoveOptions,
): Promise<void> {
  await new Removal(link, options).remove(path);
}

/** What is known of an entry from the directory that it is in. */
interface Known {
  readonly kind: Entry['kind'] | undefined;
  /** Working directory that the server reports in the parent. */
  readonly above: string | undefined;
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
  async remove(path: string, known?: Known): Promise<void> {
    const deleted = await this.#ask(`DELE ${path}`);
    if (!isRefusal(deleted)) return this.#removed();
    const failure = failureForReply(deleted, `Could not delete ${path}`);
    if (known?.kind === 'file' || known?.kind === 'link') throw failure;
    const removed = await this.#ask(`RMD ${path}`);
    if (!isRefusal(removed)) return this.#removed();
    const entered = await this.#ask(`CWD ${path}`);
    if (isRefusal(entered)) throw failure;
    const here = await this.#enter(path, known ?? (await this.#lookAt(path)));
    await this.#empty(path, here);
    const again = await this.#ask(`RMD ${path}`);
    if (isRefusal(again)) throw failureForReply(again, `Could not delete ${path}`);
    this.#removed();
  }

  /** The kind that the parent's listing shows: what is asked for by its path may be shown as what it leads to. */
  async #lookAt(path: string): Promise<Known> {
    const parent = parentOf(path);
    const above = await this.#workingDirectoryAt(parent);
    for await (const batch of listRemote(this.#link, parent, this.#options.signal)) {
      const entry = batch.find(({ name }) => name === lastName(path));
      if (entry !== undefined) return { kind: entry.kind, above };
    }
    return { kind: undefined, above };
  }

  /** Gives the working directory that the server reports there. @throws Failure if a link leads there. */
  async #enter(path: string, { kind, above }: Known): Promise<string | undefined> {
    const here = await this.#workingDirectoryAt(path);
    // The server would not remove the directory in which the session is.
    await this.#ask('CWD /');
    if (kind === 'link' || leadsElsewhere(here, above, lastName(path))) {
      throw new Failure('denied', `Could not delete ${path}: it is a link, and not followed.`);
    }
    return here;
  }

  async #empty(path: string, here: string | undefined): Promise<void> {
    for (;;) {
      const entries = await this.#someEntries(path);
      for (const { name, kind } of entries) {
        await this.remove(joinPath(path, name), { kind, above: here });
      }
      if (entries.length < MAX_ENTRIES) return;
    }
  }

  async #someEntries(path: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const batch of listRemote(this.#link, path, this.#options.signal)) {
      entries.push(...batch);
      if (entries.length >= MAX_ENTRIES) break;
    }
    return entries;
  }

  #workingDirectoryAt(path: string): Promise<string | undefined> {
    const { signal } = this.#options;
    return this.#link.use(({ control }) => workingDirectoryAt(control, path), {
      is: 'reads',
      signal,
    });
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

/** Whether a directory is not the one of its name in its parent. Servers may tell names in another case. */
function leadsElsewhere(
  here: string | undefined,
  above: string | undefined,
  name: string,
): boolean {
  if (here === undefined || above === undefined) return false;
  return withoutSlash(here) !== withoutSlash(joinPath(above, name));
}

function withoutSlash(path: string): string {
  return path.normalize('NFC').toLowerCase().replace(/\/+$/, '');
}
