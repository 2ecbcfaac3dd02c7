import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../server/testing/control-client.ts';
import { builtServer } from '../built-programs.ts';
import { type Outcome, type RunningProgram, run, start } from '../clients/program.ts';
import { sourceEnvironment } from '../source-program.ts';

const MAIN = builtServer();

const LONGEST_WAIT_MS = 15_000;

/** Waits for what nobody announces: a file that grows, a session that has ended. */
export async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${isTrue}`);
    await delay(10);
  }
}

/** The server as a process of its own, which can be killed and started again on the same directory. */
export class ServerProcess {
  static readonly program: readonly string[] = [MAIN];
  static readonly environment = sourceEnvironment();
  readonly directory: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;

  private constructor(parts: { directory: string; port: number; running: RunningProgram }) {
    this.directory = parts.directory;
    this.port = parts.port;
    this.child = parts.running.child;
    this.ended = parts.running.ended;
  }

  static makeDirectory(): Promise<string> {
    return mkdtemp(join(tmpdir(), 'myftp-process-'));
  }

  static start(directory: string, ...flags: readonly string[]): Promise<ServerProcess> {
    return ServerProcess.startProgram([MAIN], directory, flags);
  }

  /** @param program Node's arguments that run the server, from other sources than ours. */
  static async startProgram(
    program: readonly string[],
    directory: string,
    flags: readonly string[] = [],
  ): Promise<ServerProcess> {
    const args = [...program, '--data', directory, '--port', '0', ...flags];
    const running = start(process.execPath, args, { env: sourceEnvironment() });
    return ServerProcess.#listening(directory, running);
  }

  /** Starts the server where a process may have so many files open. */
  static startWithFiles(
    openFiles: number,
    directory: string,
    flags: readonly string[] = [],
  ): Promise<ServerProcess> {
    return ServerProcess.#listening(directory, startLimited(openFiles, directory, flags));
  }

  static async #listening(directory: string, running: RunningProgram): Promise<ServerProcess> {
    const port = await new Promise<number>((resolve, reject) => {
      let text = '';
      running.child.stdout.on('data', (more: string) => {
        text += more;
        const [, found] = /^MyFTP is listening on ftp:\S*:(\d+)$/m.exec(text) ?? [];
        if (found !== undefined) resolve(Number(found));
      });
      void running.ended.then(({ stderr }) => reject(new Error(`no start: ${stderr}`)));
    });
    return new ServerProcess({ directory, port, running });
  }

  /** Runs the server's program to its end, as for a start that fails. */
  static attempt(args: readonly string[]): Promise<Outcome> {
    return start(process.execPath, [MAIN, ...args], { env: sourceEnvironment() }).ended;
  }

  /** Runs another command of the server's program on its data, beside it. */
  administer(args: readonly string[], input = ''): Promise<Outcome> {
    const command = [MAIN, ...args, '--data', this.directory];
    return run(process.execPath, command, { env: sourceEnvironment(), input });
  }

  connect(): Promise<ControlClient> {
    return ControlClient.open(this.port);
  }

  async login(username: string, password: string): Promise<ControlClient> {
    const client = await this.connect();
    await client.login(username, password);
    return client;
  }

  async signUp(username: string, password: string): Promise<ControlClient> {
    const client = await this.connect();
    await client.signUp(username, password);
    return client;
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Outcome> {
    this.child.kill(signal);
    return this.ended;
  }

  home(username: string, path = ''): string {
    return join(this.directory, 'files', username, path);
  }

  /** Ends the process, whatever it does, and removes its directory. */
  async dispose(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Starts the server in a shell that limits its open files first. */
export function startLimited(
  openFiles: number,
  directory: string,
  flags: readonly string[] = [],
): RunningProgram {
  const args = [MAIN, '--data', directory, '--port', '0', ...flags];
  const limited = ['-c', 'ulimit -n "$0"; exec "$@"', String(openFiles), process.execPath];
  return start('bash', [...limited, ...args], { env: sourceEnvironment() });
}
