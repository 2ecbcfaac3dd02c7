import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logs } from '../../server/logging/logging.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { sourceEnvironment, sourceProgram } from '../source-program.ts';

const USERNAME = 'anna';
export const PASSWORD = 'correct horse';

/** A server that holds the same conversation as the other one. */
export interface Subject {
  /** Where the account's files lie on disk. */
  readonly homePath: string;
  connect(): Promise<ControlClient>;
  /** Everything that the server has logged. */
  logText(): Promise<string>;
  stop(): Promise<void>;
}

/** A control connection that is logged in, in TYPE I. */
export async function logIn(subject: Subject): Promise<ControlClient> {
  const client = await subject.connect();
  await client.login(USERNAME, PASSWORD);
  return client;
}

export async function startStock(): Promise<Subject> {
  const directory = await mkdtemp(join(tmpdir(), 'stock-ftp-srv-'));
  const homePath = join(directory, 'home');
  await mkdir(homePath);
  const logFile = join(directory, 'log');
  const main = sourceProgram(new URL('./stock-server-main.ts', import.meta.url));
  const child = spawn(process.execPath, [...main, homePath, logFile, USERNAME, PASSWORD], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: sourceEnvironment(),
  });
  const port = await portOf(child);
  const clients: ControlClient[] = [];
  return {
    homePath,
    async connect() {
      const client = await ControlClient.open(port);
      clients.push(client);
      return client;
    },
    logText: () => readFile(logFile, 'utf8'),
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(directory, { recursive: true });
    },
  };
}

export async function startMyFtp(): Promise<Subject> {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const logs: Logs = {
    ...{ server: log, connections: log, logins: log, signups: log, transfers: log },
    reopen: () => {},
    setLevel: () => {},
    close: async () => {},
  };
  const server = await TestServer.start({ logs });
  await (await server.signUp(USERNAME, PASSWORD)).close();
  return {
    homePath: join(server.rootDir, USERNAME),
    connect: () => server.connect(),
    logText: async () => lines.join(''),
    stop: () => server.dispose(),
  };
}

async function portOf({ stdout, pid }: ChildProcess): Promise<number> {
  for await (const chunk of stdout ?? []) return Number(String(chunk));
  throw new Error(`stock ftp-srv (process ${pid}) did not start`);
}
