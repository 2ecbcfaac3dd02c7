import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServerKind, serverEnvironment } from '../../../bench/harness/server-kind.ts';
import { makeCertificate } from '../../../bench/harness/tls.ts';

/** A directory that the account may write to. */
export const WRITABLE = 'uploads';

/** Another FTP server that is installed, for a test. */
export class PeerServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly rootPath: string;
  readonly #process: ChildProcess;
  readonly #directoryPath: string;

  private constructor(parts: {
    port: number;
    user: string;
    password: string;
    rootPath: string;
    process: ChildProcess;
    directoryPath: string;
  }) {
    this.port = parts.port;
    this.user = parts.user;
    this.password = parts.password;
    this.rootPath = parts.rootPath;
    this.#process = parts.process;
    this.#directoryPath = parts.directoryPath;
  }

  static async start(
    kind: ServerKind,
    { programPath, security }: { programPath: string; security: 'clear' | 'TLS' },
  ): Promise<PeerServer> {
    const directoryPath = await mkdtemp(join(tmpdir(), 'myftp-peer-'));
    await chmod(directoryPath, 0o755);
    const port = await freePort();
    const made = security === 'TLS' ? await makeCertificate(directoryPath) : undefined;
    if (made !== undefined && 'missing' in made) throw new Error(made.missing);
    const passivePorts = { first: 30_000, last: 32_000 };
    const site = { directoryPath, port, passivePorts, certificate: made };
    const { command, user, password, rootPath } = await kind.prepare(site, programPath);
    await mkdir(join(rootPath, WRITABLE));
    await chmod(join(rootPath, WRITABLE), 0o777);
    const [program, ...args] = command;
    const process = spawn(program, args, { stdio: 'ignore', env: serverEnvironment() });
    const server = new PeerServer({ port, user, password, rootPath, process, directoryPath });
    await server.#greeting();
    return server;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#directoryPath, { recursive: true, force: true });
  }

  /** A server cannot say that it is ready but by greeting. */
  async #greeting(): Promise<void> {
    for (let tries = 0; !(await greets(this.port)); tries += 1) {
      if (tries > 600 || this.#process.exitCode !== null)
        throw new Error('The server did not start.');
      await delay(50);
    }
  }
}

/** Below the ports that Linux chooses for programs: one of those could be taken before the server is up. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const listener = createServer().listen(port, '127.0.0.1');
    const isFree = await once(listener, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    listener.close();
    await once(listener, 'close');
    return port;
  }
}

async function greets(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    const [greeting] = await once(socket, 'data', { signal: AbortSignal.timeout(2000) });
    return String(greeting).startsWith('220');
  } catch {
    return false;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
