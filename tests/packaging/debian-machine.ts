import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  isInstalled,
  type Outcome,
  type RunningProgram,
  run,
  runWell,
  start,
} from '../clients/program.ts';

const DEBIAN = process.env.MYFTP_TEST_DEBIAN ?? '';
const TOOLS = ['systemd-nspawn', 'nsenter', 'setpriv'];
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

/** A Debian without Node and compiler, which runs systemd and has a network of its own (loopback). */
export class DebianMachine {
  readonly root: string;
  readonly #nspawn: ChildProcess;
  readonly #pid: number;

  private constructor(root: string, nspawn: ChildProcess) {
    this.root = root;
    this.#nspawn = nspawn;
    // The one child of nspawn is the machine's systemd.
    const children = readFileSync(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, 'utf8');
    this.#pid = Number(children.trim());
  }

  /** Boots a fresh copy. */
  static async boot(): Promise<DebianMachine> {
    const root = await mkdtemp(path.join(tmpdir(), 'myftp-debian-'));
    await runWell('cp', ['-a', '--reflink=auto', `${DEBIAN}/.`, root]);
    // It must not outlive the tests, whatever ends them.
    const options = [
      '--pdeathsig',
      'TERM',
      'systemd-nspawn',
      ...NSPAWN,
      '--directory',
      root,
      '--boot',
    ];
    const nspawn = spawn('setpriv', [...options, '--kill-signal=SIGRTMIN+4'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await untilBooted(nspawn);
    const machine = new DebianMachine(root, nspawn);
    await machine.run('systemctl is-system-running --wait');
    return machine;
  }

  /** A path of the machine as it is seen from outside. */
  path(inside: string): string {
    return path.join(this.root, inside);
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
    const ended = once(this.#nspawn, 'close');
    this.#nspawn.kill('SIGTERM');
    await ended;
    await rm(this.root, { recursive: true, force: true });
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
