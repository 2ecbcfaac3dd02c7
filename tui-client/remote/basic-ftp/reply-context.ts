/**
 * The one place that builds on basic-ftp's control connection, and what MyFTP expects of it.
 *
 * basic-ftp publishes its context, but describes neither how it reads nor what a task receives. Only public members
 * are used here: no protected one, no deep path. `contract.test.ts` checks the behaviour that is relied on
 * against the pinned version.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { FTPContext } from 'basic-ftp';
import type { Reply } from '../connection/reply.ts';

export const BASIC_FTP_VERSION = '6.2.6';

/** Longest line of a reply. */
const MAX_LINE_CHARACTERS = 64 * 1024;

const CHANGED = `basic-ftp does not behave as version ${BASIC_FTP_VERSION} does`;

type DataListener = (chunk: string) => void;

/** Replies in the order in which they arrive. One basic-ftp task runs for the whole life of the connection. */
export abstract class ReplyContext extends FTPContext {
  #unfinishedLine = '';

  constructor() {
    super(0);
    // A fault in a listener becomes an unhandled rejection, and so ends the program as a bug.
    void this.handle(undefined, (response) => {
      const reply = replyOf(response);
      if (reply !== undefined) this.onReply(reply);
      else this.onBroken(response as Error);
    });
  }

  /** Called with each reply, whether a command asked for it or not. */
  protected abstract onReply(reply: Reply): void;

  /** Called when the connection has ended, for whatever reason. */
  protected abstract onBroken(error: Error): void;

  /** Called when a line is longer than any reply. */
  protected abstract onEndlessLine(): void;

  /** Whether the server has sent the beginning of a line only. */
  protected get hasUnfinishedLine(): boolean {
    return this.#unfinishedLine !== '';
  }

  override get socket(): Socket | TLSSocket {
    return super.socket;
  }

  /**
   * basic-ftp takes each chunk for whole lines, so a line that arrives in two pieces is lost. Its listener receives
   * whole lines here. Called by its constructor, too: no private field exists then.
   */
  override set socket(socket: Socket | TLSSocket) {
    super.socket = socket;
    const [listener, ...more] = socket.listeners('data') as DataListener[];
    if (listener === undefined || more.length > 0)
      throw new Error(`${CHANGED}: it reads otherwise.`);
    socket.off('data', listener);
    socket.on('data', (chunk: string) => this.#passWholeLines(chunk, listener));
  }

  #passWholeLines(chunk: string, listener: DataListener): void {
    const text = this.#unfinishedLine + chunk;
    const end = text.lastIndexOf('\n') + 1;
    this.#unfinishedLine = text.slice(end);
    if (this.#unfinishedLine.length > MAX_LINE_CHARACTERS) this.onEndlessLine();
    else if (end > 0) listener(text.slice(0, end));
  }
}

/** Refusals arrive as errors that carry the code; errors of the connection have none, or one of the system. */
function replyOf(response: object): Reply | undefined {
  const { code, message } = response as { readonly code?: unknown; readonly message: string };
  return typeof code === 'number' ? { code, text: message } : undefined;
}
