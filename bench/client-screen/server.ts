import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ControlClient } from '../../server/testing/control-client.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/** MyFTP's server as a process of its own, so that it does not share an event loop with who measures. */
export class Server {
  readonly port: number;
  readonly #directory: string;
  readonly #child: ChildProcess;

  private constructor(parts: { port: number; directory: string; child: ChildProcess }) {
    this.port = parts.port;
    this.#directory = parts.directory;
    this.#child = parts.child;
  }

  static async start(): Promise<Server> {
    const directory = mkdtempSync(join(tmpdir(), 'myftp-bench-server-'));
    const args = [MAIN, '--data', directory, '--port', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        const [, found] = /listening on ftp:\S*:(\d+)$/m.exec(text) ?? [];
        if (found !== undefined) resolve(Number(found));
      });
      child.once('exit', () => reject(new Error(`The server did not start: ${text}`)));
    });
    return new Server({ port, directory, child });
  }

  async signUp(username: string, password: string): Promise<ControlClient> {
    const client = await ControlClient.open(this.port);
    await client.signUp(username, password);
    return client;
  }

  home(username: string, path: string): string {
    return join(this.#directory, 'files', username, path);
  }

  async dispose(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
