import { Failure } from '../errors/failure.ts';
import type { Algorithm } from '../files/digest.ts';
import type { Place } from '../files/place.ts';
import type { Site } from '../sites/site.ts';
import type { Capabilities } from './connection/capabilities.ts';
import { isRefusal, quotedPathname, type Reply } from './connection/reply.ts';
import type { SessionEvents, SessionLink } from './connection/session-link.ts';
import { downloadFile, uploadFile } from './data/file-transfer.ts';
import { limitedDownload, limitedUpload } from './data/limited-transfer.ts';
import type { RateLimiter } from './data/rate-limiter.ts';
import type {
  DownloadOptions,
  TransferConnection,
  TransferReceipt,
  UploadOptions,
} from './data/transfer-connection.ts';
import { failureForReply } from './remote-failure.ts';
import { RemotePlace } from './remote-place.ts';
import { RemoteTrash } from './trash.ts';

/** How much room there is; what the server does not tell is left out. */
export interface Quota {
  readonly freeBytes: number;
  readonly usedBytes?: number;
  readonly limitBytes?: number;
}

export interface TextOfFile {
  readonly text: string;
  /** Whether the file goes on. */
  readonly isCut: boolean;
}

interface SessionParts {
  readonly site: Site;
  readonly link: SessionLink;
  /** Of all sessions of the site together. */
  readonly rate: RateLimiter;
  /** Opens another session with the same login. */
  readonly openAnother: (signal?: AbortSignal) => Promise<RemoteSession>;
  /** Remembers a new password for reconnecting. */
  readonly rememberPassword: (password: string) => void;
}

/** A login at a server. Commands wait for each other; a lost connection is made again. */
export class RemoteSession implements TransferConnection {
  readonly site: Site;
  readonly rate: RateLimiter;
  readonly place: Place & Pick<RemotePlace, 'digestOf' | 'canEnter'>;
  readonly trash: RemoteTrash;
  readonly #link: SessionLink;
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.site = parts.site;
    this.rate = parts.rate;
    this.#link = parts.link;
    this.place = new RemotePlace(parts.link);
    this.trash = new RemoteTrash(parts.link);
  }

  get capabilities(): Capabilities {
    return this.#link.current.capabilities;
  }

  get algorithm(): Algorithm | undefined {
    return this.capabilities.algorithms[0];
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  get isSecure(): boolean {
    return this.#link.current.control.isEncrypted;
  }

  /** Of TLS, as `TLSv1.3`; undefined in clear. */
  get protocol(): string | undefined {
    return this.#link.current.control.tlsProtocol;
  }

  /** Of the certificate that was trusted. */
  get fingerprint256(): string | undefined {
    return this.#link.current.control.fingerprint256;
  }

  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (...args: SessionEvents[Name]) => void,
  ): this {
    this.#link.events.on(name, listener as never);
    return this;
  }

  off<Name extends keyof SessionEvents>(
    name: Name,
    listener: (...args: SessionEvents[Name]) => void,
  ): this {
    this.#link.events.off(name, listener as never);
    return this;
  }

  /** Connects at once, if an attempt is being waited for. */
  retryNow(): void {
    this.#link.retryNow();
  }

  /** Gives up reconnecting; the next command starts again. */
  stopRetrying(): void {
    this.#link.stopRetrying();
  }

  /** `/` if the server does not report it: some refuse PWD, and report it in their reply to CWD. */
  async workingDirectory(): Promise<string> {
    const printed = await this.#ask('PWD');
    const reply = isRefusal(printed) ? await this.#ask('CWD .') : printed;
    const pathname = isRefusal(reply) ? undefined : quotedPathname(reply);
    return pathname?.startsWith('/') === true ? pathname : '/';
  }

  /** Undefined if the server does not tell. */
  async quota(): Promise<Quota | undefined> {
    if (this.capabilities.hasBoth('SITE', 'QUOTA')) {
      const { text } = await this.#ask('SITE QUOTA');
      const [, used, limit] = /(\d+) of (\d+) bytes/.exec(text) ?? [];
      if (limit !== undefined) {
        const [usedBytes, limitBytes] = [Number(used), Number(limit)];
        // Deleted files that MyFTP keeps make room for uploads.
        const [, deleted = 0] = /(\d+) of them by deleted files/.exec(text) ?? [];
        const freeBytes = Math.max(0, limitBytes - usedBytes + Number(deleted));
        return { usedBytes, limitBytes, freeBytes };
      }
      // An account of MyFTP without a limit; the disk has one.
      const [, alone] = /(\d+) bytes used .*unlimited/.exec(text) ?? [];
      if (alone !== undefined) return await this.#freeSpace({ usedBytes: Number(alone) });
    }
    return await this.#freeSpace({});
  }

  async #freeSpace(known: { readonly usedBytes?: number }): Promise<Quota | undefined> {
    if (!this.capabilities.has('AVBL')) return undefined;
    const free = /^213 (\d+)/.exec((await this.#ask('AVBL')).text)?.[1];
    return free === undefined ? undefined : { ...known, freeBytes: Number(free) };
  }

  /** @throws Failure of kind `login` if the server refuses. */
  async changePassword(currentPassword: string, newPassword: string): Promise<void> {
    await this.#link.use(
      async ({ control }) => {
        control.redacted.hide(currentPassword);
        control.redacted.hide(newPassword);
        for (const line of ['SITE PASSWD', `PASS ${currentPassword}`, `PASS ${newPassword}`]) {
          const reply = await control.ask(line);
          if (!isRefusal(reply)) continue;
          const { message, code = 0 } = failureForReply(reply, 'The password stays as it was');
          throw new Failure('login', message, { code });
        }
      },
      { is: 'transfers' },
    );
    this.#parts.rememberPassword(newPassword);
  }

  /** The beginning of a file as text. */
  async readText(path: string, maxBytes: number, signal?: AbortSignal): Promise<TextOfFile> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const enough = new AbortController();
    const stop = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
    const sink = (octets: Buffer) => {
      bytes += octets.length;
      if (bytes <= maxBytes + octets.length) chunks.push(Buffer.from(octets));
      if (bytes > maxBytes) enough.abort();
      return undefined;
    };
    try {
      await this.download(path, { sink, signal: stop });
    } catch (error) {
      if (!enough.signal.aborted || signal?.aborted === true) throw error;
    }
    const isCut = bytes > maxBytes;
    return { text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'), isCut };
  }

  /** Sends a line that the user has typed. A refusal is a reply like any other. */
  command(line: string): Promise<Reply> {
    return this.#link.use(({ control }) => control.ask(line), { is: 'writes' });
  }

  download(path: string, options: DownloadOptions): Promise<TransferReceipt> {
    const { signal } = options;
    const limited = limitedDownload(options, this.rate);
    return this.#link.use((loggedIn) => downloadFile(loggedIn, path, limited), {
      is: 'transfers',
      signal,
    });
  }

  upload(path: string, options: UploadOptions): Promise<TransferReceipt> {
    const { signal } = options;
    const limited = limitedUpload(options, this.rate);
    return this.#link.use((loggedIn) => uploadFile(loggedIn, path, limited), {
      is: 'transfers',
      signal,
    });
  }

  /** Another session with the same login and the same trust, for transfers. */
  openAnother(signal?: AbortSignal): Promise<RemoteSession> {
    return this.#parts.openAnother(signal);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #ask(line: string): Promise<Reply> {
    return this.#link.use(({ control }) => control.ask(line), { is: 'reads' });
  }
}
