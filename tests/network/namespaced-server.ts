import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtServer } from '../built-programs.ts';
import { type RunningProgram, start } from '../clients/program.ts';
import { sourceEnvironment } from '../source-program.ts';
import type { TestHost } from './network-namespaces.ts';

const MAIN = builtServer();

/** Gives a program files of its own in the place of `/etc/hosts` and of the name servers. */
const WITH_OWN_NAMES =
  'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"';

/** A server process on a host of a test network, with an `/etc/hosts` of its own. */
export class NamespacedServer {
  readonly directory: string;
  readonly #running: RunningProgram;

  private constructor(directory: string, running: RunningProgram) {
    this.directory = directory;
    this.#running = running;
  }

  static async start(host: TestHost, flags: readonly string[]): Promise<NamespacedServer> {
    const directory = await mkdtemp(join(tmpdir(), 'myftp-network-'));
    const files = [join(directory, 'hosts'), join(directory, 'resolv.conf')];
    for (const file of files) await writeFile(file, '');
    const [command = '', ...first] = [
      ...[...host.enter, 'unshare', '--mount', 'sh', '-c', WITH_OWN_NAMES, 'sh', ...files],
      ...[process.execPath, MAIN, '--data', join(directory, 'data'), ...flags],
    ];
    const running = start(command, first, { env: sourceEnvironment() });
    await new Promise<void>((resolve, reject) => {
      running.child.stdout.on('data', (text: string) => {
        if (/^MyFTP is listening/m.test(text)) resolve();
      });
      void running.ended.then(({ stderr }) => reject(new Error(`no start: ${stderr}`)));
    });
    return new NamespacedServer(directory, running);
  }

  /** Changes what the server's `/etc/hosts` holds. */
  setHosts(text: string): Promise<void> {
    return writeFile(join(this.directory, 'hosts'), text);
  }

  signal(name: NodeJS.Signals): void {
    this.#running.child.kill(name);
  }

  /** Resolves when a message is in the server's log. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const file = join(this.directory, 'data/logs/server.log');
    const find = async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === message);
    };
    for (;;) {
      const line = await find();
      if (line !== undefined) return line;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async dispose(): Promise<void> {
    this.signal('SIGKILL');
    await this.#running.ended;
    await rm(this.directory, { recursive: true, force: true });
  }
}
