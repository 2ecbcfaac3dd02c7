import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import type { Settings } from '../../server/config/settings.ts';
import { bytesOnDisk, entriesOnDisk } from '../../server/testing/bytes-on-disk.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { type Outcome, type ProgramOptions, run, runWell } from './program.ts';
import { digestOf } from './samples.ts';

export const USERNAME = 'anna';
export const PASSWORD = 'correct horse';

interface SiteOptions {
  readonly settings?: Partial<Settings>;
}

/**
 * A server with the account of {@link USERNAME}, and a directory of its own for a client that is run
 * against it.
 */
export class ClientSite {
  readonly server: TestServer;
  readonly host: string;
  readonly #localDir: string;
  readonly #observer: ControlClient;

  private constructor(parts: {
    server: TestServer;
    host: string;
    localDir: string;
    observer: ControlClient;
  }) {
    this.server = parts.server;
    this.host = parts.host;
    this.#localDir = parts.localDir;
    this.#observer = parts.observer;
  }

  static async open({ settings = {} }: SiteOptions = {}): Promise<ClientSite> {
    const { host = '127.0.0.1' } = settings;
    const server = await TestServer.start({ settings });
    const observer = await ControlClient.open(server.port, host);
    await observer.signUp(USERNAME, PASSWORD);
    const localDir = await mkdtemp(join(tmpdir(), 'myftp-client-'));
    return new ClientSite({ server, host, localDir, observer });
  }

  /** Opens a site for one task. */
  static async during(
    settings: Partial<Settings>,
    task: (site: ClientSite) => Promise<void>,
  ): Promise<void> {
    const site = await ClientSite.open({ settings });
    try {
      await task(site);
    } finally {
      await site.close();
    }
  }

  async close(): Promise<void> {
    await this.#observer.close();
    await this.server.dispose();
    await rm(this.#localDir, { recursive: true, force: true });
  }

  get port(): number {
    return this.server.port;
  }

  /** Where a path of the account lies on the server's disk. */
  home(path = ''): string {
    return join(this.server.rootDir, USERNAME, path);
  }

  /** Where a path of the client's directory lies. */
  local(path = ''): string {
    return join(this.#localDir, path);
  }

  /** A path of the account as a URL with username and password. */
  url(path = '/'): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    const user = `${USERNAME}:${encodeURIComponent(PASSWORD)}`;
    return `ftp://${user}@${host}:${this.port}${path.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** What a client finds around it: a home of its own, a UTF-8 locale, no proxies. */
  get environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([name]) => name !== 'NODE_OPTIONS' && !/proxy/i.test(name),
    );
    return {
      ...Object.fromEntries(inherited),
      HOME: this.#localDir,
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
    };
  }

  /** Runs a client in its directory and fails unless it ends with 0. */
  run(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    return runWell(command, args, { ...this.programOptions, ...options });
  }

  /** Runs a client that may fail. */
  attempt(
    command: string,
    args: readonly string[],
    options: ProgramOptions = {},
  ): Promise<Outcome> {
    return run(command, args, { ...this.programOptions, ...options });
  }

  get programOptions(): ProgramOptions {
    return { cwd: this.#localDir, env: this.environment };
  }

  /** Puts a file into the client's directory. */
  async writeLocal(path: string, octets: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.local(path)), { recursive: true });
    await writeFile(this.local(path), octets);
  }

  /** The digest of a file in the client's directory: Jest takes seconds to compare large buffers. */
  async localDigest(path: string): Promise<string> {
    return digestOf(await readFile(this.local(path)));
  }

  /** The digest of a file of the account. */
  async homeDigest(path: string): Promise<string> {
    return digestOf(await readFile(this.home(path)));
  }

  localText(path: string): Promise<string> {
    return readFile(this.local(path), 'utf8');
  }

  homeText(path: string): Promise<string> {
    return readFile(this.home(path), 'utf8');
  }

  /** Uploads a file, and makes the directories that it lies in. */
  async seed(path: string, octets: string | Uint8Array): Promise<void> {
    const names = path.split('/').slice(0, -1);
    for (const [depth] of names.entries()) {
      await this.#observer.command(`MKD ${names.slice(0, depth + 1).join('/')}`);
    }
    const { closing } = await this.#observer.store(`STOR ${path}`, octets);
    expect(closing).toMatchObject({ code: 226 });
  }

  /** Another control connection of the account, to say to the server what the client cannot. */
  get observer(): ControlClient {
    return this.#observer;
  }

  async usedBytes(): Promise<number> {
    const { lines } = await this.#observer.command('SITE QUOTA');
    return Number(/^200 (\d+) of/.exec(lines[0] ?? '')?.[1]);
  }

  /** What the account's files and cut uploads take on the disk. There is one account per site. */
  async bytesOnDisk(): Promise<number> {
    return bytesOnDisk(this.server.rootDir);
  }

  async expectExactQuota(): Promise<void> {
    expect(await this.usedBytes()).toBe(await this.bytesOnDisk());
    const { lines } = await this.#observer.command('SITE QUOTA');
    const [, entries] = /; (\d+) /.exec(lines[0] ?? '') ?? [];
    expect(Number(entries)).toBe(await entriesOnDisk(this.home()));
  }
}
