import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { descendantsMemoryBytes, treeCpuSeconds } from './process-tree.ts';
import {
  type Certificate,
  type LaunchPlan,
  type ServerKind,
  serverEnvironment,
} from './server-kind.ts';

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 60_000;
const PASSIVE_PORT_COUNT = 100;
/** Below the ports that the system gives to clients. */
const FIRST_PASSIVE_PORT = 20_000;
const LAST_PASSIVE_PORT = 30_000;

/** A server under measurement: its process tree and how to reach it. */
export class RunningServer {
  readonly name: string;
  readonly port: number;
  readonly plan: LaunchPlan;
  readonly #process: ChildProcess;
  readonly #outputPath: string;

  constructor(options: {
    name: string;
    port: number;
    plan: LaunchPlan;
    process: ChildProcess;
    outputPath: string;
  }) {
    this.name = options.name;
    this.port = options.port;
    this.plan = options.plan;
    this.#process = options.process;
    this.#outputPath = options.outputPath;
  }

  /** CPU time of all its processes so far, those that have ended included. */
  cpuSeconds(): number {
    return treeCpuSeconds(this.#pid);
  }

  /** Memory of all its processes (PSS). */
  memoryBytes(): number {
    return descendantsMemoryBytes(this.#pid);
  }

  /** The end of what the server printed, for messages. */
  recentOutput(): string {
    return readFileSync(this.#outputPath, 'utf8').trim().split('\n').slice(-5).join('\n');
  }

  /** Waits until the server greets. */
  async waitUntilReady(): Promise<void> {
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!(await greets(this.port))) {
      if (this.#hasEnded || performance.now() > deadlineMs) {
        throw new Error(`${this.name} did not start: ${this.recentOutput()}`);
      }
      await delay(50);
    }
  }

  /** Ends the server and every process that descends from it. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    const ended = once(this.#process, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    this.#process.kill('SIGTERM');
    await ended;
  }

  /** Asks for the end without waiting; the supervisor does the rest. */
  stopSoon(): void {
    if (!this.#hasEnded) this.#process.kill('SIGTERM');
  }

  get #pid(): number {
    if (this.#process.pid === undefined) throw new Error(`${this.name} could not be started.`);
    return this.#process.pid;
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}

/** Starts a server in a fresh directory below `parentPath`, under the supervisor. */
export async function launch(options: {
  kind: ServerKind;
  programPath: string;
  supervisePath: string;
  parentPath: string;
  certificate: Certificate | undefined;
  /** Called before the server is known to be well, so that it can be ended on any way out. */
  onStarted: (server: RunningServer) => void;
}): Promise<RunningServer> {
  const { kind, programPath, supervisePath, parentPath, certificate } = options;
  const port = await freePort();
  const directoryPath = join(parentPath, `${kind.name}-${port}`);
  mkdirSync(directoryPath);
  const plan = await kind.prepare(
    { directoryPath, port, passivePorts: nextPassivePorts(), certificate },
    programPath,
  );
  const outputPath = join(directoryPath, 'output.log');
  const output = openSync(outputPath, 'a');
  const process = spawn(supervisePath, [...plan.command], {
    stdio: ['ignore', output, output],
    env: serverEnvironment(),
  });
  closeSync(output);
  const server = new RunningServer({ name: kind.name, port, plan, process, outputPath });
  options.onStarted(server);
  await server.waitUntilReady();
  return server;
}

let passivePortsTaken = 0;

/** Ranges follow each other, so that no server meets connections that another one has just closed. */
function nextPassivePorts(): { first: number; last: number } {
  const ranges = (LAST_PASSIVE_PORT - FIRST_PASSIVE_PORT) / PASSIVE_PORT_COUNT;
  const first = FIRST_PASSIVE_PORT + (passivePortsTaken++ % ranges) * PASSIVE_PORT_COUNT;
  return { first, last: first + PASSIVE_PORT_COUNT - 1 };
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}

async function greets(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    const [greeting] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
    return String(greeting).startsWith('220');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
