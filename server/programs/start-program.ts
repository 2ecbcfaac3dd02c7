import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { PosixSpawn, ProcessEnd } from '../system/posix-spawn.ts';

/** A program that runs, and leads a process group. */
export interface StartedProgram {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable | null;
  readonly stderr: Readable;
  /** Rejects if the program could not be started. */
  readonly ended: Promise<ProcessEnd>;
}

interface StartOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly output: 'pipe' | 'ignore';
}

/** Starts a program without arguments. @throws Error that says why it cannot be started. */
export type StartProgram = (file: string, options: StartOptions) => StartedProgram;

/** Starts a program that leads a session of its own, in `/`. */
export const startInSession: StartProgram = (file, { variables: env, output }) => {
  const stdio = ['pipe', output, 'pipe'] as const;
  const child = spawn(file, [], { cwd: '/', env, stdio: [...stdio], detached: true });
  const { pid, stdin, stdout, stderr } = child;
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return { pid, stdin: stdin as Writable, stdout, stderr: stderr as Readable, ended };
};

/** Starts programs in the session and the directory of this process, so that its priority is theirs. */
export function startInGroupBy({ start, endOf }: PosixSpawn): StartProgram {
  const running = new Map<number, (end: ProcessEnd) => void>();
  process.on('SIGCHLD', () => {
    for (const [pid, resolve] of running) {
      const end = endOf(pid);
      if (end === undefined) continue;
      running.delete(pid);
      resolve(end);
    }
  });
  return (file, options) => {
    const { pid, stdin, stdout, stderr } = start(file, options);
    const ended = new Promise<ProcessEnd>((resolve) => running.set(pid, resolve));
    return {
      ...{ pid, ended },
      stdin: new Socket({ fd: stdin, readable: false, writable: true }),
      stdout: stdout === undefined ? null : readerOf(stdout),
      stderr: readerOf(stderr),
    };
  };
}

function readerOf(fd: number): Readable {
  return new Socket({ fd, readable: true, writable: false });
}
