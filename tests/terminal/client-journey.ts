import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../server/config/settings.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { clientProgram } from './programs.ts';
import { Terminal } from './terminal.ts';

export const USERNAME = 'anna';
export const PASSWORD = 'correct horse';

interface JourneyOptions {
  readonly settings?: Partial<Settings>;
  /** The user's home, made anew; without it a temporary directory. */
  readonly home?: string;
}

interface StartOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Around the client's command line, as a shell. */
  readonly inside?: (program: readonly [string, ...string[]]) => readonly [string, ...string[]];
}

/** A server with an account, a directory to work in, and the client in a terminal. */
export class ClientJourney {
  readonly server: TestServer;
  /** Where the client is started. */
  readonly localPath: string;
  readonly #home: string;
  readonly #terminals: Terminal[] = [];

  private constructor(server: TestServer, home: string) {
    this.server = server;
    this.#home = home;
    this.localPath = join(home, 'work');
  }

  static async begin({ settings = {}, home: wanted }: JourneyOptions = {}): Promise<ClientJourney> {
    if (wanted !== undefined) await mkdir(wanted);
    const home = wanted ?? (await mkdtemp(join(tmpdir(), 'myftp-journey-')));
    await mkdir(join(home, 'work'));
    const server = await TestServer.start({ settings });
    await server.signUp(USERNAME, PASSWORD);
    return new ClientJourney(server, home);
  }

  /** Where the account's files are on disk. */
  get remoteHome(): Promise<string> {
    return this.server.makeHome(USERNAME);
  }

  get url(): string {
    return `ftp://${USERNAME}@127.0.0.1:${this.server.port}`;
  }

  /** A bookmark, as the client keeps it. */
  async writeBookmarks(toml: string): Promise<void> {
    const directory = join(this.#home, '.config', 'myftp');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(join(directory, 'sites.toml'), toml, { mode: 0o600 });
  }

  async writeLocal(name: string, content: string | Buffer): Promise<void> {
    await writeFile(join(this.localPath, name), content);
  }

  start(options: StartOptions = {}): Terminal {
    const { args = ['--plain', this.url], inside = (program) => program } = options;
    const { columns = 100, rows = 30, env = {} } = options;
    const terminal = new Terminal(inside([...clientProgram, ...args]), {
      columns,
      rows,
      cwd: this.localPath,
      env: { PATH: process.env.PATH, HOME: this.#home, ...env },
    });
    this.#terminals.push(terminal);
    return terminal;
  }

  /** The client, logged in, with its two panes. */
  async logIn(options: StartOptions = {}): Promise<Terminal> {
    const terminal = this.start(options);
    await terminal.until(`Password of ${USERNAME}`);
    terminal.type(`${PASSWORD}\r`);
    await terminal.until((text) => text.includes('5Cop') && !text.includes('reading'));
    return terminal;
  }

  /** Ends all terminals, keeps server and files. */
  async endTerminals(): Promise<void> {
    for (const terminal of this.#terminals.splice(0)) await terminal.end();
  }

  async end(): Promise<void> {
    await this.endTerminals();
    await this.server.dispose();
    await rm(this.#home, { recursive: true, force: true });
  }
}
