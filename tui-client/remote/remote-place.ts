import { Failure } from '../errors/failure.ts';
import type { Algorithm } from '../files/digest.ts';
import { isIncomplete } from '../files/listing.ts';
import { type Entry, lastName, type Place, parentOf, type RemoveOptions } from '../files/place.ts';
import { innerLines, isRefusal } from './connection/reply.ts';
import type { LoggedIn, SessionLink } from './connection/session-link.ts';
import { followRemote, workingDirectoryAt } from './follow-link.ts';
import { parseFactsOf } from './listing/listing-parser.ts';
import { parseMachineTime } from './listing/machine-time.ts';
import { listRemote } from './listing/remote-listing.ts';
import { type NotFound, sizeIn, statBySize } from './listing/stat-by-size.ts';
import { type DigestRequest, remoteDigest } from './remote-digest.ts';
import { failureForReply, isFailure } from './remote-failure.ts';
import { removeRemote } from './remove-remote.ts';
import { refuseRewrittenName } from './rewritten-name.ts';
import { setMode } from './set-mode.ts';
import { setModified } from './set-modified.ts';

/** The tree of a server. */
export class RemotePlace implements Place {
  readonly kind = 'remote';
  readonly #link: SessionLink;

  constructor(link: SessionLink) {
    this.#link = link;
  }

  list(path: string, signal?: AbortSignal): AsyncIterable<readonly Entry[]> {
    return listRemote(this.#link, path, signal);
  }

  async stat(path: string): Promise<Entry | undefined> {
    const name = lastName(path);
    if (name === '') return ROOT;
    const { capabilities } = this.#link.current;
    return capabilities.hasMachineListing ? this.#statByFacts(path) : this.#statBySize(path);
  }

  async follow(path: string): Promise<Entry | undefined> {
    const entry = await this.stat(path);
    if (entry === undefined || lastName(path) === '') return entry;
    return this.#link.use((loggedIn) => followRemote(loggedIn, path, entry), { is: 'reads' });
  }

  /** Most servers tell the working directory without the links that led to it. */
  identity(path: string): Promise<string | undefined> {
    return this.#link.use(({ control }) => workingDirectoryAt(control, path), { is: 'reads' });
  }

  async makeDirectory(path: string): Promise<'made' | 'existed'> {
    const failure = await this.#tryToMake(path);
    if (failure === undefined) return 'made';
    if (await this.canEnter(path)) return 'existed';
    const parent = parentOf(path);
    if (parent === path || parent === '/' || failure.kind === 'network') throw failure;
    await this.makeDirectory(parent);
    const again = await this.#tryToMake(path);
    if (again !== undefined) throw again;
    return 'made';
  }

  async rename(from: string, to: string): Promise<void> {
    const purpose = `Could not rename ${from} to ${to}`;
    await this.#link.use(
      async ({ control }) => {
        await refuseRewrittenName(control, to, { purpose });
        await control.command(`RNFR ${from}`, { purpose });
        await control.command(`RNTO ${to}`, { purpose });
      },
      { is: 'writes' },
    );
  }

  remove(path: string, options: RemoveOptions = {}): Promise<void> {
    return removeRemote(this.#link, path, options);
  }

  digest(path: string, algorithm: Algorithm, signal?: AbortSignal): Promise<string | undefined> {
    return this.digestOf({ path, algorithm, signal });
  }

  /** The same for a part of the file; undefined also where the server cannot do that. */
  digestOf(request: DigestRequest): Promise<string | undefined> {
    const { signal } = request;
    return this.#link.use((loggedIn) => remoteDigest(loggedIn, request), { is: 'reads', signal });
  }

  async size(path: string): Promise<number | undefined> {
    const ask = ({ control }: LoggedIn) => control.ask(`SIZE ${path}`);
    const reply = await this.#link.use(ask, { is: 'reads' });
    const sizeBytes = isRefusal(reply) ? undefined : sizeIn(reply);
    if (sizeBytes !== undefined) return sizeBytes;
    const entry = await this.stat(path);
    if (entry === undefined) throw new Failure('missing', `${path}: the server does not have it.`);
    return entry.sizeBytes;
  }

  async modified(path: string): Promise<number | undefined> {
    const ask = ({ control }: LoggedIn) => control.ask(`MDTM ${path}`);
    const reply = await this.#link.use(ask, { is: 'reads' });
    return isRefusal(reply) ? undefined : parseMachineTime(reply.text.slice(4));
  }

  setModified(path: string, modifiedMs: number): Promise<boolean> {
    return this.#link.use((loggedIn) => setModified(loggedIn, path, modifiedMs), { is: 'reads' });
  }

  setMode(path: string, mode: number): Promise<boolean> {
    return this.#link.use((loggedIn) => setMode(loggedIn, path, mode), { is: 'reads' });
  }

  /** RFC 3659 §7. */
  async #statByFacts(path: string): Promise<Entry | undefined> {
    const command = `MLST ${path}`;
    const reply = await this.#link.use(({ control }) => control.ask(command), { is: 'reads' });
    if (!isRefusal(reply)) {
      const [line = ''] = innerLines(reply);
      return parseFactsOf(line.replace(/^ /, ''), lastName(path));
    }
    const failure = failureForReply(reply, `Could not look at ${path}`);
    if (failure.kind === 'missing') return undefined;
    if (failure.kind === 'protocol') return this.#statBySize(path);
    return this.#statByListing(path);
  }

  async #statBySize(path: string): Promise<Entry | undefined> {
    const found = await this.#link.use((loggedIn) => statBySize(loggedIn, path), { is: 'reads' });
    return typeof found === 'string' ? this.#statByListing(path, found) : found;
  }

  async #statByListing(path: string, bySize: NotFound = 'unknown'): Promise<Entry | undefined> {
    const name = lastName(path);
    try {
      for await (const batch of this.list(parentOf(path))) {
        const entry = batch.find((one) => one.name === name);
        if (entry !== undefined) return entry;
      }
      return undefined;
    } catch (error) {
      const isMissing = isIncomplete(error)
        ? !error.mayHide(name) || (error.isSilent && bySize === 'missing')
        : await this.#lacksParent(path, error);
      if (isMissing) return undefined;
      throw error;
    }
  }

  /** Some servers refuse to enter a missing directory in the words for one that is forbidden. */
  async #lacksParent(path: string, error: unknown): Promise<boolean> {
    if (!isFailure(error)) return false;
    const parent = parentOf(path);
    if (error.kind === 'missing') return true;
    // "550 Can't check for file existence" (Pure-FTPd) sounds as if it existed.
    const isUnclear = error.kind === 'denied' || error.kind === 'exists';
    return isUnclear && parent !== '/' && (await this.stat(parent)) === undefined;
  }

  async #tryToMake(path: string): Promise<Failure | undefined> {
    const reply = await this.#link.use(({ control }) => control.ask(`MKD ${path}`), {
      is: 'writes',
    });
    return isRefusal(reply) ? failureForReply(reply, `Could not make ${path}`) : undefined;
  }

  /** Whether it is a directory that the server lets us into, listed or not. */
  async canEnter(path: string): Promise<boolean> {
    const command = `CWD ${path}`;
    const reply = await this.#link.use(({ control }) => control.ask(command), { is: 'reads' });
    return !isRefusal(reply);
  }
}

const ROOT: Entry = {
  name: '/',
  kind: 'directory',
  sizeBytes: undefined,
  modifiedMs: undefined,
  mode: undefined,
};
