import { readdirSync, readlinkSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logs } from '../../server/logging/logging.ts';
import { entriesOnDisk } from '../../server/testing/bytes-on-disk.ts';
import { TestServer } from '../../server/testing/test-server.ts';

const CANARY = 'nobody may read or change this';

/** So few that they are reached now and then. */
const MAX_FILES = 6;

/** Short, because clients that half-close while a transfer waits for them cannot be helped otherwise. */
const IDLE_TIMEOUT_MS = 1000;

/** So short that some expire while they are being used. */
const KEEP_PARTIALS_MS = 300;

/** A server whose every fault is noticed. */
export class FuzzedServer {
  readonly port: number;
  readonly directory: string;
  readonly #server: TestServer;
  readonly #errors: string[];

  private constructor(server: TestServer, errors: string[]) {
    this.#server = server;
    this.#errors = errors;
    this.port = server.port;
    this.directory = server.directory;
  }

  static async start(): Promise<FuzzedServer> {
    const errors: string[] = [];
    const server = await TestServer.start({
      logs: watchedLogs(errors),
      settings: {
        quotaBytes: 4 * 1024 * 1024,
        maxFiles: MAX_FILES,
        idleTimeoutMs: IDLE_TIMEOUT_MS,
        keepPartialsMs: KEEP_PARTIALS_MS,
      },
    });
    for (const path of canaries(server.rootDir)) {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, CANARY);
    }
    return new FuzzedServer(server, errors);
  }

  /** Lines of the log that say that the server is at fault, since the last call. */
  takeErrors(): string[] {
    return this.#errors.splice(0);
  }

  /** What has happened to files that no client may touch. */
  async damage(): Promise<string[]> {
    const faults: string[] = [];
    for (const path of canaries(this.#server.rootDir)) {
      const text = await readFile(path, 'utf8').catch((error: unknown) => String(error));
      if (text !== CANARY) faults.push(`${path} was changed: ${text.slice(0, 100)}`);
    }
    return faults;
  }

  /** The bytes that an account has on disk, partial uploads included. */
  async diskUsage(username: string, accountId: string | undefined): Promise<number> {
    const home = await sizeOf(join(this.#server.rootDir, username));
    if (accountId === undefined) return home;
    return home + (await sizeOf(join(this.#server.rootDir, '.myftp-staging', accountId)));
  }

  /** Files, directories and links of an account. */
  entries(username: string): Promise<number> {
    return entriesOnDisk(join(this.#server.rootDir, username));
  }

  /** Gives the account a second way to what `d` will be. */
  async makeLink(username: string): Promise<void> {
    await symlink('d', join(this.#server.rootDir, username, 'link'));
    await this.#server.withDatabase(async ({ accounts, quotas }) => {
      const accountId = (await accounts.findByUsername(username))?.id ?? -1;
      for (let isCharged = false; !isCharged; ) {
        const { usedBytes = 0, usedEntries = 0 } = (await quotas.find(accountId)) ?? {};
        const from = { bytes: usedBytes, entries: usedEntries };
        const to = { ...from, entries: usedEntries + 1 };
        isCharged = await quotas.replaceUsed({ accountId, from, to });
      }
    });
  }

  async accountId(username: string): Promise<string> {
    return this.#server.withDatabase(async ({ accounts }) =>
      String((await accounts.findByUsername(username))?.id),
    );
  }

  /** Files of an account that the server holds open. */
  openFiles(username: string, accountId: string): string[] {
    const { rootDir } = this.#server;
    const homes = [join(rootDir, username), join(rootDir, '.myftp-staging', accountId)];
    return readdirSync('/proc/self/fd').flatMap((descriptor) => {
      const target = targetOf(descriptor);
      return homes.some((home) => target === home || target.startsWith(`${home}/`)) ? [target] : [];
    });
  }

  async forget(username: string, accountId: string): Promise<void> {
    await rm(join(this.#server.rootDir, username), { recursive: true, force: true });
    const staging = join(this.#server.rootDir, '.myftp-staging', accountId);
    await rm(staging, { recursive: true, force: true });
  }

  dispose(): Promise<void> {
    return this.#server.dispose();
  }
}

function canaries(rootDir: string): string[] {
  return ['canary', 'a', 'b', 'neighbour/a'].map((name) => join(rootDir, name));
}

function watchedLogs(errors: string[]): Logs {
  const write = (line: string) => {
    if (/"level":[56]0/.test(line)) errors.push(line.trim());
  };
  const logger = pino({ level: 'debug' }, { write });
  const loggers = { server: logger, connections: logger, logins: logger, signups: logger };
  const nothing = { reopen: () => {}, setLevel: () => {}, close: async () => {} };
  return { ...loggers, transfers: logger, ...nothing };
}

/** Empty for a descriptor that has been closed meanwhile. */
function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sizeOf(path);
    if (!entry.isFile()) return 0;
    // Sessions that were cut may still be putting things away.
    return lstat(path).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
