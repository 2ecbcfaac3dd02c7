import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProgramInput, ProgramRun, Programs } from './program-run.ts';
import type { MessageFromRunner, MessageToRunner } from './runner-messages.ts';

/** `.ts` when the server runs from its sources, `.js` once it is built. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const PROGRAM = fileURLToPath(new URL(`./program-runner-main.${EXTENSION}`, import.meta.url));

interface Waiting {
  resolve(output: string): void;
  reject(error: Error): void;
}

interface ProgramRunnerOptions {
  /** Nice value of the process and of the programs, 0 to 19: with 10, all others come before them. */
  readonly niceness?: number;
}

/**
 * Runs programs from a process of its own. A process waits until a program that it starts
 * has been loaded: in a busy server, that held up all transfers for 5 to 30 ms each time. The process takes some
 * 45 MiB, and is started when the first program is.
 */
export class ProgramRunner implements Programs {
  readonly #options: ProgramRunnerOptions;
  readonly #waiting = new Map<number, Waiting>();
  #process: ChildProcess | undefined;
  #lastId = 0;

  constructor(options: ProgramRunnerOptions = {}) {
    this.#options = options;
  }

  prepare(): void {
    this.#process ??= this.#fork();
  }

  readonly run = async (file: string, { signal, ...input }: ProgramRun): Promise<string> => {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const kill = () => this.#send({ kind: 'kill', id });
    signal.addEventListener('abort', kill);
    try {
      return await this.#start(id, file, input);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', kill);
    }
  };

  /** Ends the process, and kills the programs that run. */
  close(): void {
    this.#process?.disconnect();
    this.#process = undefined;
  }

  #start(id: number, file: string, input: ProgramInput): Promise<string> {
    this.prepare();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'run', id, file, ...input });
    });
  }

  #send(message: MessageToRunner): void {
    // A process that has just ended fails what waits for it.
    this.#process?.send(message, () => {});
  }

  #fork(): ChildProcess {
    const { niceness = 0 } = this.#options;
    const started = fork(PROGRAM, [String(niceness)], {
      cwd: '/',
      env: process.env,
      execArgv: [],
      // It leads a session, so that the priority of its programs is lowered by that of one session.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // Only what it is asked for keeps the server from ending.
    started.unref();
    started.channel?.unref();
    started.on('message', (message) => this.#receive(message as MessageFromRunner));
    started.on('error', () => this.#lost(started));
    started.on('exit', () => this.#lost(started));
    return started;
  }

  #receive(message: MessageFromRunner): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('output' in message) waiting?.resolve(message.output);
    else waiting?.reject(new Error(message.failure));
  }

  #lost(ended: ChildProcess): void {
    if (this.#process !== undefined && this.#process !== ended) return;
    this.#process = undefined;
    for (const { reject } of this.#waiting.values()) {
      reject(new Error('the process that runs programs has ended'));
    }
    this.#waiting.clear();
  }
}
