import { closeSync, constants } from 'node:fs';
import { constants as system } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** Flags and options of Linux, the same on all its machines that Node runs on. */
const SETPGROUP = 0x02;
const SETSIGDEF = 0x04;
const O_CLOEXEC = 0o2_000_000;
const WNOHANG = 1;

/** More than the structures of glibc and musl take. */
const ATTRIBUTE_BYTES = 1024;
const ACTION_BYTES = 256;
const SIGNAL_SET_BYTES = 256;

/** A program that has been started, and this process' ends of its pipes. */
interface SpawnedProcess {
  readonly pid: number;
  readonly stdin: number;
  /** Undefined if its output goes nowhere. */
  readonly stdout: number | undefined;
  readonly stderr: number;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

interface SpawnOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly output: 'pipe' | 'ignore';
}

type Call = (...args: unknown[]) => number;

export interface PosixSpawn {
  /** Starts a program that leads a process group in the session of this process. @throws Error with the code */
  start(file: string, options: SpawnOptions): SpawnedProcess;
  /** How a child has ended; undefined while it runs. */
  endOf(pid: number): ProcessEnd | undefined;
}

/**
 * posix_spawn(3) of the C library. Node can let a child lead a process group only as the leader of a session, too, and copies
 * the page tables of its process for each child; this does neither.
 *
 * @returns undefined if koffi cannot be used.
 */
export async function loadPosixSpawn(): Promise<PosixSpawn | undefined> {
  try {
    const libc = await callsOfLibc();
    return { start: starterBy(libc), endOf: (pid) => endOf(pid, libc) };
  } catch {
    return undefined;
  }
}

async function callsOfLibc() {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const call = (prototype: string): Call => libc.func(prototype);
  return {
    pipe: call('int pipe2(_Out_ int *, int)'),
    spawn: call(
      'int posix_spawn(_Out_ int *, const char *, void *, void *, const char **, const char **)',
    ),
    initAttributes: call('int posix_spawnattr_init(void *)'),
    setFlags: call('int posix_spawnattr_setflags(void *, short)'),
    setDefaultSignals: call('int posix_spawnattr_setsigdefault(void *, void *)'),
    emptySet: call('int sigemptyset(void *)'),
    addToSet: call('int sigaddset(void *, int)'),
    initActions: call('int posix_spawn_file_actions_init(void *)'),
    duplicate: call('int posix_spawn_file_actions_adddup2(void *, int, int)'),
    open: call(
      'int posix_spawn_file_actions_addopen(void *, int, const char *, int, unsigned int)',
    ),
    destroyActions: call('int posix_spawn_file_actions_destroy(void *)'),
    wait: call('int waitpid(int, _Out_ int *, int)'),
  };
}

type Libc = Awaited<ReturnType<typeof callsOfLibc>>;

function starterBy(libc: Libc): PosixSpawn['start'] {
  const attributes = attributesBy(libc);
  return (file, { variables, output }) => {
    const pipes: number[] = [];
    try {
      const stdin = pipeOf(libc, pipes);
      const stdout = output === 'pipe' ? pipeOf(libc, pipes) : undefined;
      const stderr = pipeOf(libc, pipes);
      const ends = [stdin.read, stdout?.write, stderr.write];
      const pid = spawn(libc, { file, variables, ends, attributes });
      const kept = { stdin: stdin.write, stdout: stdout?.read, stderr: stderr.read };
      const own = new Set<number | undefined>(Object.values(kept));
      for (const end of pipes.splice(0)) if (!own.has(end)) closeSync(end);
      return { pid, ...kept };
    } finally {
      for (const end of pipes) closeSync(end);
    }
  };
}

/** Node ignores SIGPIPE, and a program would inherit that. */
function attributesBy(libc: Libc): Buffer {
  const attributes = Buffer.alloc(ATTRIBUTE_BYTES);
  const signals = Buffer.alloc(SIGNAL_SET_BYTES);
  requireOk(libc.initAttributes(attributes));
  requireOk(libc.emptySet(signals));
  requireOk(libc.addToSet(signals, system.signals.SIGPIPE));
  requireOk(libc.setDefaultSignals(attributes, signals));
  requireOk(libc.setFlags(attributes, SETPGROUP | SETSIGDEF));
  return attributes;
}

function pipeOf(libc: Libc, pipes: number[]): { readonly read: number; readonly write: number } {
  const ends = new Int32Array(2);
  if (libc.pipe(ends, O_CLOEXEC) !== 0) throw new Error('no pipe: too many open files');
  const [read = -1, write = -1] = ends;
  pipes.push(read, write);
  return { read, write };
}

interface Spawning {
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The program's standard input, output and error; undefined for none. */
  readonly ends: readonly (number | undefined)[];
  readonly attributes: Buffer;
}

function spawn(libc: Libc, { file, variables, ends, attributes }: Spawning): number {
  const actions = Buffer.alloc(ACTION_BYTES);
  requireOk(libc.initActions(actions));
  try {
    for (const [target, end] of ends.entries())
      requireOk(
        end === undefined
          ? libc.open(actions, target, '/dev/null', constants.O_WRONLY, 0)
          : libc.duplicate(actions, end, target),
      );
    const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const pid = new Int32Array(1);
    const start = (program: string, ...args: string[]) =>
      libc.spawn(pid, program, actions, attributes, [...args, null], [...environment, null]);
    let errno = start(file, file);
    // As execvp(3) does with scripts that name no interpreter.
    if (errno === system.errno.ENOEXEC) errno = start('/bin/sh', '/bin/sh', file);
    requireOk(errno, `spawn ${file}`);
    return pid[0] ?? -1;
  } finally {
    libc.destroyActions(actions);
  }
}

function endOf(pid: number, libc: Libc): ProcessEnd | undefined {
  const status = new Int32Array(1);
  if (libc.wait(pid, status, WNOHANG) !== pid) return undefined;
  const [word = 0] = status;
  const number = word & 0x7f;
  if (number === 0) return { code: (word >> 8) & 0xff, signal: null };
  const names = Object.entries(system.signals);
  return { code: null, signal: names.find(([, value]) => value === number)?.[0] ?? `${number}` };
}

function requireOk(errno: number, what = 'posix_spawn'): void {
  if (errno !== 0) throw new Error(`${what} ${getSystemErrorName(-errno)}`);
}
