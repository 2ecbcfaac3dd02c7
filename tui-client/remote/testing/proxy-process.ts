import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProxyServer } from '../../sites/proxy.ts';

/** Where the proxies connect from, so that a server sees which connections went through them. */
export const PROXY_ADDRESS = '127.0.0.3';
export const PROXY_PASSWORD = 'proxy-secret';

export interface ProxyKind {
  readonly program: 'microsocks' | 'tinyproxy';
  readonly username: string | undefined;
}

/** A proxy of another project, run as a process on this machine. */
export class ProxyProcess {
  readonly proxy: ProxyServer;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(proxy: ProxyServer, process: ChildProcess, directory: string) {
    this.proxy = proxy;
    this.#process = process;
    this.#directory = directory;
  }

  /** @param port on 127.0.0.1, that no program uses. */
  static async start({ program, username }: ProxyKind, port: number): Promise<ProxyProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'myftp-proxy-'));
    const args =
      program === 'microsocks'
        ? microsocksArguments(port, username)
        : await tinyproxyArguments(directory, port, username);
    const process = spawn(program, args, { stdio: 'ignore' });
    const kind = program === 'microsocks' ? 'socks5' : 'http';
    const started = new ProxyProcess(
      { kind, host: '127.0.0.1', port, username },
      process,
      directory,
    );
    await started.#listening();
    return started;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#directory, { recursive: true });
  }

  async #listening(): Promise<void> {
    for (let tries = 0; !(await accepts(this.proxy.port)); tries += 1) {
      if (tries > 200 || this.#process.exitCode !== null)
        throw new Error('The proxy did not start.');
      await delay(20);
    }
  }
}

function microsocksArguments(port: number, username: string | undefined): readonly string[] {
  const login = username === undefined ? [] : ['-u', username, '-P', PROXY_PASSWORD];
  return ['-i', '127.0.0.1', '-p', String(port), '-b', PROXY_ADDRESS, ...login];
}

async function tinyproxyArguments(
  directory: string,
  port: number,
  username: string | undefined,
): Promise<readonly string[]> {
  const login = username === undefined ? [] : [`BasicAuth ${username} ${PROXY_PASSWORD}`];
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Timeout 60',
    `Bind ${PROXY_ADDRESS}`,
    `PidFile "${directory}/pid"`,
    `LogFile "${directory}/log"`,
    ...login,
  ];
  const path = join(directory, 'tinyproxy.conf');
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return ['-d', '-c', path];
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
