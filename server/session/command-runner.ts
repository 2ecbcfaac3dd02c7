import { reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { CommandDispatcher } from '../control/command-dispatcher.ts';
import { verbOf } from '../control/command-line.ts';
import type { CommandQueue } from '../control/command-queue.ts';
import type { ControlSocket } from '../control/control-socket.ts';
import type { IdleTimer } from '../control/idle-timer.ts';
import type { ReceivedLine } from '../control/line-buffer.ts';
import { withoutTelnet } from '../control/telnet.ts';
import type { RunningWork } from './running-work.ts';

interface RunnerSession extends Pick<SessionContext, 'transferring' | 'end' | 'offend'> {
  readonly control: ControlSocket;
}

interface CommandRunnerDeps {
  readonly commands: CommandDispatcher;
  readonly queue: CommandQueue;
  readonly work: RunningWork;
  readonly timer: IdleTimer;
}

/** Runs the commands of one session: in their turn, or at once while a transfer runs. */
export class CommandRunner {
  readonly #session: RunnerSession;
  readonly #deps: CommandRunnerDeps;

  constructor(session: RunnerSession, deps: CommandRunnerDeps) {
    this.#session = session;
    this.#deps = deps;
  }

  /**
   * ABOR ends what is running at once, and is answered in its turn. A few others are answered while a transfer runs,
   * unless a command waits before them: replies come in the order of the commands.
   */
  overtakes(received: ReceivedLine): boolean {
    this.#deps.timer.touch();
    if (received === 'endless') this.#endEndless();
    if (!Buffer.isBuffer(received)) return received === 'endless';
    const line = withoutTelnet(received);
    if (isEmpty(line)) return true;
    const verb = verbOf(line);
    if (verb === 'ABOR') this.#deps.work.abort('Aborted.');
    if (verb === 'QUIT') this.#deps.work.quitRead();
    const isAnswered =
      this.#session.transferring !== undefined &&
      !this.#deps.queue.isWaiting &&
      // A client that does not read its replies has to wait, as for all others.
      !this.#session.control.needsDrain &&
      line.toString('latin1', verb.length).trim() === '' &&
      this.#deps.commands.find(verb)?.duringTransfer === true;
    if (isAnswered) void this.#deps.commands.run(line);
    return isAnswered;
  }

  /** Runs a command in its turn. */
  async run(received: ReceivedLine): Promise<void> {
    this.#deps.timer.touch();
    if (received === 'endless') return this.#endEndless();
    const line = Buffer.isBuffer(received) ? withoutTelnet(received) : received;
    if (isEmpty(line)) return;
    await this.#deps.commands.run(line);
    this.#session.control.uncork();
    // A client that does not read its replies gets no more of them.
    if (this.#session.control.needsDrain) await this.#session.control.drained();
  }

  #endEndless(): void {
    this.#session.offend('endless line');
    this.#session.end(reply(421, 'Command line without end; closing control connection.'));
  }
}

/** Clients that end their lines in LF CR, and people at a terminal, send empty lines. */
function isEmpty(line: ReceivedLine): boolean {
  return line.length === 0;
}
