import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KIB } from './format.ts';
import { parseProcessStat } from './process-tree.ts';
import type { RunningServer } from './running-server.ts';

const MYFTP_TUI = fileURLToPath(new URL('../../dist/tui-client/main.js', import.meta.url));

/** What one run of a client's program took, its start and its login included. */
export interface ClientRun {
  readonly seconds: number;
  /** User and system time, in steps of 10 ms. */
  readonly cpuSeconds: number;
  /** Most memory that the client had in use (resident set); 0 if it does not tell. */
  readonly peakBytes: number;
}

export interface ClientTarget {
  readonly server: RunningServer;
  /** In PEM; undefined for connections in clear. */
  readonly certificatePath: string | undefined;
}

/**
 * Runs a command of `myftp-tui` as `npm run build` leaves it.
 *
 * @param args a path of the server begins with a colon.
 */
export function runMyFtp(
  { server, certificatePath }: ClientTarget,
  [command = '', ...args]: readonly string[],
): ClientRun {
  if (!existsSync(MYFTP_TUI)) throw new Error('The client is not built; run `npm run build`.');
  const { user, password } = server.plan;
  const url = `ftp://${encodeURIComponent(user)}@127.0.0.1:${server.port}`;
  const places = args.map((arg) => (arg.startsWith(':') ? `${url}${arg.slice(1)}` : arg));
  const security =
    certificatePath === undefined ? ['--plain'] : ['--trust', fingerprintOf(certificatePath)];
  const directory = mkdtempSync(join(tmpdir(), 'myftp-bench-client-'));
  const peakFile = join(directory, 'peak');
  const telling = ['--import', `data:text/javascript,${encodeURIComponent(tellPeak(peakFile))}`];
  const all = [MYFTP_TUI, command, '--password-stdin', ...security, ...places];
  try {
    const run = runProgram(process.execPath, [...telling, ...all], `${password}\n`);
    return { ...run, peakBytes: Number(readFileSync(peakFile, 'utf8')) * KIB };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs commands of lftp. */
export function runLftp({ server, certificatePath }: ClientTarget, commands: string): ClientRun {
  const { user, password } = server.plan;
  const security =
    certificatePath === undefined
      ? 'set ftp:ssl-allow no'
      : 'set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ssl:verify-certificate no';
  const login = ['--norc', '-u', `${user},${password}`, `ftp://127.0.0.1:${server.port}`];
  return runProgram('lftp', [...login, '-e', `${security}; ${commands}; quit`]);
}

/** Runs curl with `args` for a path of the server. */
export function runCurl(
  { server, certificatePath }: ClientTarget,
  args: readonly string[],
  path: string,
): ClientRun {
  const { user, password } = server.plan;
  const security = certificatePath === undefined ? [] : ['--ssl-reqd', '--insecure'];
  const always = ['--disable', '--silent', '--show-error', '--user', `${user}:${password}`];
  const url = `ftp://127.0.0.1:${server.port}${path}`;
  return runProgram('curl', [...always, ...security, ...args, url]);
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** @throws Error with what the program said, if it fails. */
function runProgram(program: string, args: readonly string[], input = ''): ClientRun {
  const [startMs, cpuBefore] = [performance.now(), childrenCpuSeconds()];
  const { status, stderr, error } = spawnSync(program, args, { input, maxBuffer: Infinity });
  const seconds = (performance.now() - startMs) / 1000;
  if (status !== 0) throw error ?? new Error(`${program} failed: ${stderr.toString().trim()}`);
  return { seconds, cpuSeconds: childrenCpuSeconds() - cpuBefore, peakBytes: 0 };
}

/** A module that writes the peak of its process's memory, in KiB, at its end. */
function tellPeak(path: string): string {
  return `
import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(path)}, String(process.resourceUsage().maxRSS)));`;
}

/** Of this process and the children that it has waited for; servers have a parent of their own. */
function childrenCpuSeconds(): number {
  return parseProcessStat(readFileSync('/proc/self/stat', 'utf8')).cpuSeconds;
}

function fingerprintOf(certificatePath: string): string {
  return new X509Certificate(readFileSync(certificatePath)).fingerprint256;
}
