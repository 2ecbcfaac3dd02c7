import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtClient } from '../../../tests/built-programs.ts';
import { type Outcome, type RunningProgram, start } from '../../../tests/clients/program.ts';

interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The bundled client as a process, with a home directory of its own. */
export class ClientProgram {
  readonly home: string;
  /** Where it is started. */
  readonly cwd: string;
  /** The module that Node starts. */
  readonly main = builtClient();

  private constructor(directory: string) {
    this.home = join(directory, 'home');
    this.cwd = join(directory, 'work');
  }

  static async prepare(): Promise<ClientProgram> {
    const program = new ClientProgram(await mkdtemp(join(tmpdir(), 'myftp-client-')));
    await mkdir(program.cwd);
    await program.write('../home/.config/myftp/settings.toml', 'keyring = false\n');
    return program;
  }

  start(args: readonly string[], { input = '', env = {} }: RunOptions = {}): RunningProgram {
    return start(process.execPath, [this.main, ...args], {
      cwd: this.cwd,
      input,
      env: { PATH: process.env.PATH, HOME: this.home, TZ: 'UTC', ...env },
    });
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return this.start(args, options).ended;
  }

  path(name: string): string {
    return join(this.cwd, name);
  }

  async write(name: string, content: string | Buffer): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.path(name));
  }

  async dispose(): Promise<void> {
    await rm(dirname(this.home), { recursive: true, force: true });
  }
}

/** What `--json` has printed. */
export function jsonLines({ stdout }: Outcome): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
