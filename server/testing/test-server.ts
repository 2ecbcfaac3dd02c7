import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { AccessSettings } from '../../db/access-settings.ts';
import { AccountRepository } from '../../db/account-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { bundledWorker } from '../../tests/built-programs.ts';
import { tellServer } from '../cli/tell-server.ts';
import { type RunningServer, startServer, takeDirectories } from '../compose.ts';
import { readSettings } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { type Logs, silentLogs } from '../logging/logging.ts';
import { startWorker } from '../workers/start-worker.ts';
import { ControlClient } from './control-client.ts';

interface TestServerOptions {
  readonly settings?: Partial<Settings>;
  readonly logs?: Logs;
  readonly now?: () => number;
  /** Settings that a reload reads. */
  readonly rereadSettings?: () => Settings;
  /** Directory of an earlier server, to start again with its files. */
  readonly directory?: string;
}

/** A complete server for one test file: on a free port, in its own directory, open to sign-ups. */
export class TestServer {
  readonly directory: string;
  readonly settings: Settings;
  readonly #running: RunningServer;
  readonly #clients: ControlClient[] = [];

  private constructor(parts: { directory: string; settings: Settings; running: RunningServer }) {
    this.directory = parts.directory;
    this.settings = parts.settings;
    this.#running = parts.running;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const directory = options.directory ?? (await TestServer.newDirectory());
    const settings = { ...testSettings(directory), ...options.settings };
    const { logs = silentLogs(), now = Date.now } = options;
    const directories = await takeDirectories(settings);
    const startThread = () => startWorker(bundledWorker());
    const { rereadSettings = () => settings } = options;
    const running = await startServer({
      ...{ settings, logs, now, directories, startThread, rereadSettings },
    });
    return new TestServer({ directory, settings, running });
  }

  /** A directory for {@link TestServerOptions.directory}; `dispose` removes it. */
  static newDirectory(): Promise<string> {
    return mkdtemp(join(tmpdir(), 'myftp-'));
  }

  get port(): number {
    return this.#running.port;
  }

  /** Port of implicit TLS. */
  get implicitPort(): number {
    return this.#running.tls?.implicitPort ?? -1;
  }

  get fingerprint256(): string | undefined {
    return this.#running.tls?.fingerprint256;
  }

  reloadCertificate(): Promise<void> {
    return this.#running.reloadCertificate();
  }

  get rootDir(): string {
    return this.settings.rootDir;
  }

  /** A control connection that has read the greeting. It is closed with the server. */
  async connect(host = '127.0.0.1'): Promise<ControlClient> {
    const client = await ControlClient.open(this.port, host);
    this.#clients.push(client);
    return client;
  }

  /** The same, to the port of implicit TLS. */
  async connectTls(options: ConnectionOptions = {}): Promise<ControlClient> {
    const client = await ControlClient.openTls(this.implicitPort, options);
    this.#clients.push(client);
    return client;
  }

  /** A login whose control and data connections are encrypted. */
  async loginWithTls(options: ConnectionOptions = {}, username = 'anna'): Promise<ControlClient> {
    const client = await this.connect();
    await client.startTls(options);
    await client.login(username, 'correct horse');
    await client.protectData();
    return client;
  }

  /** A new account, logged in, in TYPE I. */
  async signUp(username = 'anna', password = 'correct horse'): Promise<ControlClient> {
    const client = await this.connect();
    await client.signUp(username, password);
    return client;
  }

  async login(username = 'anna', password = 'correct horse'): Promise<ControlClient> {
    const client = await this.connect();
    await client.login(username, password);
    return client;
  }

  /** Changes a quota as an administrator does, from beside the server. */
  async setQuota(username: string, limitBytes: number): Promise<void> {
    await this.withDatabase(async ({ accounts, quotas }) => {
      const account = await accounts.findByUsername(username);
      await quotas.setLimit(account?.id ?? -1, limitBytes);
    });
  }

  /** The same for the number of files. */
  async setEntryLimit(username: string, limitEntries: number): Promise<void> {
    await this.withDatabase(async ({ accounts, quotas }) => {
      const account = await accounts.findByUsername(username);
      await quotas.setEntryLimit(account?.id ?? -1, limitEntries);
    });
  }

  /** Changes what an account may do as an administrator does; the server applies it before this resolves. */
  async setAccess(username: string, access: AccessSettings): Promise<void> {
    await this.withDatabase(async ({ accounts }) => {
      const account = await accounts.findByUsername(username);
      await accounts.setAccess(account?.id ?? -1, access);
    });
    await tellServer(this.settings);
  }

  async withDatabase<Result>(
    task: (repositories: {
      accounts: AccountRepository;
      quotas: QuotaRepository;
    }) => Promise<Result>,
  ): Promise<Result> {
    const database = openDatabase(join(this.settings.dataDir, 'myftp.db'));
    try {
      const accounts = new AccountRepository(database.queries);
      return await task({ accounts, quotas: new QuotaRepository(database.queries) });
    } finally {
      await database.close();
    }
  }

  /** Stops the server and keeps its directory. */
  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#running.stop(options);
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Stops the server and removes its directory. */
  async dispose(): Promise<void> {
    await this.stop({ graceMs: 0 });
    await rm(this.directory, { recursive: true, force: true });
  }

  async makeHome(username: string): Promise<string> {
    const home = join(this.rootDir, username);
    await mkdir(home, { recursive: true });
    return home;
  }
}

function testSettings(directory: string): Settings {
  return readSettings({
    flags: {
      data: directory,
      port: '0',
      tls: 'off',
      signup: 'open',
      grace: '1s',
      'recount-every': 'off',
      'max-per-ip': '0',
      'max-per-user': '0',
      'max-accounts': '0',
      'max-files': '0',
      'signups-per-hour': '0',
    },
    environment: {},
    cwd: directory,
  }).settings;
}
