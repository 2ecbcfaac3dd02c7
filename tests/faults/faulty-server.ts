import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlClient } from '../../server/testing/control-client.ts';
import { BuiltServer, type ServerRun } from '../crash/built-server.ts';

const PASSWORD = 'correct horse';

/** A server in a process of its own, whose disk may fail. */
export class FaultyServer {
  readonly directory: string;
  readonly port: number;
  readonly #built: BuiltServer;
  readonly #run: ServerRun;

  private constructor(parts: {
    directory: string;
    port: number;
    built: BuiltServer;
    run: ServerRun;
  }) {
    this.directory = parts.directory;
    this.port = parts.port;
    this.#built = parts.built;
    this.#run = parts.run;
  }

  static async start(
    options: {
      /** Of the server's process, given its data directory. */
      readonly environment?: (dataDir: string) => NodeJS.ProcessEnv;
    } = {},
  ): Promise<FaultyServer> {
    const built = await BuiltServer.build();
    const directory = await mkdtemp(join(tmpdir(), 'myftp-faulty-'));
    const run = built.launch(directory, { env: options.environment?.(directory) ?? {} });
    const port = await run.listening;
    return new FaultyServer({ directory, port, built, run });
  }

  async signUp(username: string): Promise<ControlClient> {
    const client = await ControlClient.open(this.port);
    await client.signUp(username, PASSWORD);
    return client;
  }

  async login(username: string): Promise<ControlClient> {
    const client = await ControlClient.open(this.port);
    await client.login(username, PASSWORD);
    return client;
  }

  /** Plain files below a directory that the server holds open, without its lock. */
  openFiles(directory: string): string[] {
    const descriptors = `/proc/${this.#run.child.pid}/fd`;
    return readdirSync(descriptors).flatMap((descriptor) => {
      const target = targetOf(join(descriptors, descriptor));
      return target.startsWith(`${directory}/`) && !target.endsWith('/server.lock') ? [target] : [];
    });
  }

  async dispose(): Promise<void> {
    await this.#run.kill();
    await this.#built.dispose();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
