import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ControlClient, type ReceivedReply } from '../../server/testing/control-client.ts';
import type { ClientModel } from './client-model.ts';
import type { Octets } from './content.ts';
import type { KillMoment } from './kill-moment.ts';
import type { TrashedFile } from './own-trash.ts';
import type { Random } from './random.ts';
import type { SharedLog } from './shared-log.ts';
import type { SharedNames } from './shared-names.ts';
import type { StaleUpload } from './stale-upload.ts';
import type { Tally } from './tally.ts';

/** The server is gone, or the client has cut its own connection: no reply will come. */
export class ReplyLostError extends Error {
  override readonly name = 'ReplyLostError';
}

interface ClientParts {
  readonly account: string;
  /** Logs in as this account, which sees the directories of `account` as shared folders. */
  readonly guest?: string | undefined;
  readonly model: ClientModel;
  readonly shared: SharedNames;
  readonly log: SharedLog;
  readonly octets: Octets;
  readonly random: Random;
  readonly tally: Tally;
  /** Where the server keeps what is not published. */
  readonly stagingDirectory: string;
  /** Numbers of streams that no other upload has. */
  readonly newStream: () => number;
}

/** How the data of an upload end. */
export type DataEnd = 'whole' | 'reset' | 'ABOR' | 'short of ALLO' | 'control reset';

export const PASSWORD = 'correct horse';

const CHUNK_BYTES = 128 * 1024;

const DIALOGUE_LINES = 40;

/** One client with what it knows of its files; it connects anew to each run of the server. */
export class CrashClient {
  readonly account: string;
  readonly guest: string | undefined;
  readonly model: ClientModel;
  readonly shared: SharedNames;
  readonly octets: Octets;
  readonly random: Random;
  readonly tally: Tally;
  readonly stagingDirectory: string;
  readonly newStream: () => number;
  moment: KillMoment | undefined;
  readonly log: SharedLog;
  stale: StaleUpload | undefined;
  /** Files that it can try to get back. */
  readonly trashed: TrashedFile[] = [];
  port = 0;
  #control: ControlClient | undefined;
  readonly #dialogue: string[] = [];

  constructor(parts: ClientParts) {
    this.account = parts.account;
    this.guest = parts.guest;
    this.model = parts.model;
    this.shared = parts.shared;
    this.log = parts.log;
    this.octets = parts.octets;
    this.random = parts.random;
    this.tally = parts.tally;
    this.stagingDirectory = parts.stagingDirectory;
    this.newStream = parts.newStream;
  }

  async connect(port: number): Promise<void> {
    this.port = port;
    this.#control = await ControlClient.open(port);
    await this.login(this.#control);
  }

  /** In a shared folder, SITE PARTIALS and TRASH are about the folder. */
  async login(control: ControlClient): Promise<void> {
    await control.login(this.guest ?? this.account, PASSWORD);
    if (this.guest !== undefined) await control.command(`CWD ${this.model.home}`);
  }

  /** A change of a name begins, or has come about: what that makes of an upload that waits for the name. */
  touch(path: string, name: StaleUpload['name']): void {
    const { stale } = this;
    if (stale?.path === path && stale.name !== 'changed') stale.name = name;
  }

  async disconnect(): Promise<void> {
    await this.#control?.close();
  }

  get control(): ControlClient {
    if (this.#control === undefined) throw new Error('not connected');
    return this.#control;
  }

  /** @throws ReplyLostError */
  async command(line: string): Promise<ReceivedReply> {
    this.#note(line);
    this.control.send(`${line}\r\n`);
    return this.reply();
  }

  /** The last commands and replies, to be told beside what was found. */
  get dialogue(): string {
    return this.#dialogue.join(' | ');
  }

  #note(line: string): void {
    this.#dialogue.push(line);
    if (this.#dialogue.length > DIALOGUE_LINES) this.#dialogue.shift();
  }

  async reply(): Promise<ReceivedReply> {
    const answer = await this.control.replyOrEnd();
    this.#note(answer === undefined ? 'no reply' : answer.lines.join(' / '));
    if (answer === undefined) throw new ReplyLostError('the control connection is closed');
    return answer;
  }

  /** @throws ReplyLostError */
  async openData(): Promise<Socket> {
    try {
      return await this.control.openData();
    } catch (error) {
      throw new ReplyLostError('no data connection', { cause: error });
    }
  }

  /** What a name shows; undefined if nothing has it. */
  async retrieve(path: string): Promise<Buffer | undefined> {
    const data = await this.openData();
    const chunks: Buffer[] = [];
    data.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = new Promise((resolve) => data.once('close', resolve));
    const opening = await this.command(`RETR ${path}`);
    if (opening.code !== 150) {
      data.destroy();
      if (opening.code !== 550) this.complain(`RETR ${path}`, opening);
      return undefined;
    }
    const closing = await this.reply();
    if (closing.code !== 226) this.complain(`RETR ${path}`, closing);
    await closed;
    const octets = Buffer.concat(chunks);
    // A server that is killed right after 226 takes what its system has not sent along. Then this gets no reply.
    const [, toldBytes] = /(\d+) bytes/.exec(opening.lines[0] ?? '') ?? [];
    if (toldBytes !== undefined && octets.length < Number(toldBytes)) await this.command('NOOP');
    return octets;
  }

  /**
   * Sends octets and ends them in some way.
   *
   * @param onSent told how many octets the server may have.
   */
  async sendData(
    data: Socket,
    octets: Buffer,
    { end, onSent }: { end: DataEnd; onSent: (bytes: number) => void },
  ): Promise<void> {
    const lastBytes = end === 'whole' ? octets.length : this.random.below(octets.length + 1);
    for (let at = 0; at < lastBytes && !data.destroyed; ) {
      const next = Math.min(at + CHUNK_BYTES, lastBytes);
      onSent(next);
      if (!data.write(octets.subarray(at, next))) await drained(data);
      else await nextTurn();
      at = next;
    }
  }

  complain(what: string, { lines }: ReceivedReply): void {
    this.tally.find(`${this.account}: ${what} was answered ${lines.join(' / ')}`);
  }

  /** A server that is killed in the middle leaves clients with closed connections, and no more than that. */
  passed(step: Parameters<KillMoment['passed']>[0]): void {
    this.moment?.passed(step);
  }
}

function drained(data: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      data.removeListener('drain', done).removeListener('close', done);
      resolve();
    };
    data.on('drain', done).on('close', done);
  });
}
