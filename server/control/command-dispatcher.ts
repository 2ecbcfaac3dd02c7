import { argumentFor, type Command, type CommandTable, requireLogin } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { errnoOf, shortageError } from '../disk/disk-errors.ts';
import { describeCommand } from './command-description.ts';
import { type LineDecoding, parseCommandLine, verbOf } from './command-line.ts';
import type { ReceivedLine } from './line-buffer.ts';
import { isForeseen, replyForError } from './reply-for-error.ts';

/** Browsers and scanners that mistake the port, or make a browser send commands here (RFC 7230 §3.1.1). */
const HTTP_VERBS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'PATCH']);

/** Turns a command line into its reply. */
export class CommandDispatcher {
  readonly #session: SessionContext;
  readonly #table: CommandTable;
  readonly #decoding: LineDecoding;

  constructor(session: SessionContext, table: CommandTable, decoding: LineDecoding) {
    this.#session = session;
    this.#table = table;
    this.#decoding = decoding;
  }

  find(verb: string): Command | undefined {
    return this.#table.get(verb);
  }

  /** Runs a command and sends its reply. Never fails. */
  async run(line: ReceivedLine): Promise<void> {
    const answer = await this.#answer(line);
    if (answer === undefined) return;
    // In MODE B the data of a refused upload must not be taken for the data of the next one.
    if (answer.code >= 400 && this.#mayHaveData(line)) this.#session.transfers.dropBlocks();
    this.#session.send(answer);
  }

  async #answer(line: ReceivedLine): Promise<Reply | undefined> {
    if (!Buffer.isBuffer(line)) {
      this.#session.offend('line too long');
      return reply(500, 'Command line too long (maximum 4096 octets).');
    }
    const verb = verbOf(line);
    try {
      return await this.#execute(verb, line);
    } catch (error) {
      return replyForError(this.#logged(error, verb));
    } finally {
      // Parameters of one transfer end with it, even if it was refused.
      if (this.#table.get(verb)?.transfer !== undefined) this.#session.takeNext();
    }
  }

  /** Logs a failure that is no fault of the client. @returns it in words for the client, if there are any. */
  #logged(error: unknown, verb: string): unknown {
    if (isForeseen(error)) return error;
    const shortage = shortageError(error);
    const { log } = this.#session;
    if (shortage === undefined) log.error({ err: error, verb }, 'command failed');
    else log.warn({ code: errnoOf(error), verb }, 'command failed for want of room or open files');
    return shortage ?? error;
  }

  #execute(verb: string, line: Buffer): Reply | undefined | Promise<Reply | undefined> {
    const command = this.#table.get(verb);
    if (command === undefined) return this.#unknown(verb);
    requireLogin(command, this.#session);
    const parsed = parseCommandLine(line, this.#decoding);
    if (this.#session.log.isLevelEnabled('debug')) {
      const described = describeCommand(verb, command, parsed.argument);
      this.#session.log.debug({ command: described }, 'command');
    }
    return command.handle(this.#session, argumentFor(command, parsed.argument));
  }

  #unknown(verb: string): Reply | undefined {
    if (HTTP_VERBS.has(verb) && !this.#session.isLoggedIn) {
      this.#session.end(reply(421, 'This is an FTP server.'));
      this.#session.offend('http request');
      return undefined;
    }
    this.#session.offend('unknown command');
    return reply(500, 'Unknown command; send HELP for a list.');
  }

  /** Whether the client may send data for the command. A line that was too long may be an upload. */
  #mayHaveData(line: ReceivedLine): boolean {
    return !Buffer.isBuffer(line) || this.#table.get(verbOf(line))?.transfer === 'upload';
  }
}
