import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('../..', import.meta.url));

/** The server as it is installed, built once: it starts several times as fast as from its sources. */
export class BuiltServer {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async build(): Promise<BuiltServer> {
    const directory = await mkdtemp(join(tmpdir(), 'myftp-built-'));
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { status, stderr } = spawnSync(process.execPath, ['build/bundle-server.ts', directory], {
      ...{ cwd: TOP, env, encoding: 'utf8' },
    });
    if (status !== 0) throw new Error(`the server cannot be built:\n${stderr}`);
    await copyFile(join(TOP, 'package.json'), join(directory, 'package.json'));
    await symlink(join(TOP, 'node_modules'), join(directory, 'node_modules'));
    return new BuiltServer(directory);
  }

  /** The module that Node starts. */
  get main(): string {
    return join(this.directory, 'server/main.js');
  }

  launch(dataDirectory: string, options: LaunchOptions = {}): ServerRun {
    const { flags = [], env = {} } = options;
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(
      process.execPath,
      [this.main, '--data', dataDirectory, '--port', '0', ...flags],
      { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return new ServerRun(child);
  }

  dispose(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

interface LaunchOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** One run of the server, from its start to its end. */
export class ServerRun {
  readonly child: ChildProcess;
  /** Resolves to the port when clients can connect; rejects if the process ends before. */
  readonly listening: Promise<number>;
  readonly ended: Promise<void>;
  isOver = false;
  #said = '';

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = once(child, 'close').then(() => {
      this.isOver = true;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-4000);
    });
    this.listening = this.#waitForPort();
    // Who kills a server while it starts does not wait for its port.
    this.listening.catch(() => {});
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends in order. @returns the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.ended;
    return this.child.exitCode;
  }

  #waitForPort(): Promise<number> {
    return new Promise((resolve, reject) => {
      let text = '';
      this.child.stdout?.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        const [, port] = /^MyFTP is listening on ftp:\S*:(\d+)$/m.exec(text) ?? [];
        if (port !== undefined) resolve(Number(port));
      });
      void this.ended.then(() => {
        const { exitCode, signalCode } = this.child;
        reject(new Error(`the server did not start (${exitCode ?? signalCode}): ${this.#said}`));
      });
    });
  }
}
