import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isInstalled, type Outcome, type RunningProgram, run, start } from '../clients/program.ts';

const DEBIAN = process.env.MYFTP_TEST_DEBIAN ?? '';
const TOOLS = ['systemd-nspawn', 'nsenter', 'setpriv', 'unshare'];
const NSPAWN = ['--quiet', '--register=no', '--keep-unit', '--private-network'];

/** What programs in the machine see: nothing of the environment of the tests. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
  LC_ALL: 'C.UTF-8',
};

/** Why no machine can be booted, for the name of a skipped test; undefined if one can. */
export function machineProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = TOOLS.filter((tool) => !isInstalled(tool));
  if (missing.length > 0) return `${missing.join(', ')} not installed`;
  if (!existsSync(DEBIAN))
    return 'no Debian to boot; .ci/package-test.sh makes it with debootstrap';
  const trial = [...NSPAWN, '--directory', DEBIAN, '--ephemeral', 'true'];
  return spawnSync('systemd-nspawn', trial).status === 0
    ? undefined
    : 'systemd-nspawn does not work';
}

/**
 * Boots what is in $2 (lower), with changes in $1. The mount is seen by the machine alone and ends with it. Where the
 * file system does not take part in an overlay, the machine gets a copy.
 */
const BOOT = `
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay "$1/root" 2> /dev/null ||
  cp -a --reflink=auto "$2/." "$1/root"
exec setpriv --pdeathsig TERM systemd-nspawn ${NSPAWN.join(' ')} --directory "$1/root" --boot --kill-signal=SIGRTMIN+4`;

/** A Debian without Node and compiler, which runs systemd and has a network of its own (loopback). */
export class DebianMachine {
  readonly #directory: string;
  readonly #nspawn: ChildProcess;
  readonly #pid: number;

  private constructor(directory: string, nspawn: ChildProcess) {
    this.#directory = directory;
    this.#nspawn = nspawn;
    // The one child of nspawn is the machine's systemd.
    const children = readFileSync(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, 'utf8');
    this.#pid = Number(children.trim());
  }

  /** Boots the Debian as it was made. */
  static async boot(): Promise<DebianMachine> {
    const directory = await mkdtemp(path.join(tmpdir(), 'myftp-debian-'));
    const shell = ['--mount', '--propagation', 'private', 'sh', '-c', BOOT];
    const nspawn = spawn('unshare', [...shell, 'sh', directory, DEBIAN], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await untilBooted(nspawn);
    const machine = new DebianMachine(directory, nspawn);
    await machine.run('systemctl is-system-running --wait');
    return machine;
  }

  /** A path of the machine as it is seen from outside. */
  path(inside: string): string {
    return path.join(`/proc/${this.#pid}/root`, inside);
  }

  /** Copies a file or directory into the machine. */
  async copyIn(from: string, inside: string): Promise<void> {
    await cp(from, this.path(inside), { recursive: true });
  }

  /** Runs a script for the shell as root. */
  run(script: string, input = ''): Promise<Outcome> {
    return this.start(script, input).ended;
  }

  /** The same, and fails unless it ends with 0. @returns what it wrote to standard output. */
  async runWell(script: string, input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, input);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  start(script: string, input = ''): RunningProgram {
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd'];
    const args = ['--target', String(this.#pid), ...namespaces, 'sh', '-c', script];
    return start('nsenter', args, { env: ENVIRONMENT, input });
  }

  /** Runs a program of this machine's host in its network. */
  runOutside(program: string, args: readonly string[]): Promise<Outcome> {
    return run('nsenter', ['--target', String(this.#pid), '--net', program, ...args], {
      env: { ...ENVIRONMENT, HOME: '/nonexistent' },
    });
  }

  async dispose(): Promise<void> {
    // Nothing of it is kept, so it need not stop in order. Its mounts end with it.
    const ended = once(this.#nspawn, 'close');
    process.kill(this.#pid, 'SIGKILL');
    await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function untilBooted(nspawn: ChildProcess): Promise<void> {
  let console = '';
  const { stdout } = nspawn;
  if (stdout === null) throw new Error('nspawn has no output');
  for await (const text of stdout.iterator({ destroyOnReturn: false })) {
    console += text;
    if (console.includes('Multi-User System')) {
      stdout.resume();
      return;
    }
  }
  throw new Error(`the machine does not boot:\n${console}`);
}
