import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Installation } from '../harness/server-kind.ts';
import { findProgram } from './find-program.ts';

const run = promisify(execFile);

/**
 * Finds a server and asks it for its version with `flag`. Some print to standard error, vsftpd even to its
 * standard input, so all three are read.
 */
export async function findServer(name: string, flag: string): Promise<Installation> {
  const programPath = findProgram(name);
  if (programPath === undefined) return { missing: 'not installed' };
  try {
    const command = '"$0" "$1" 0>&1 2>&1 | cat';
    const { stdout } = await run('sh', ['-c', command, programPath, flag], { timeout: 5000 });
    if (/error while loading shared libraries/.test(stdout)) return { missing: stdout.trim() };
    return { programPath, version: /\d+\.\d+(\.\d+)?\w*/.exec(stdout)?.[0] ?? 'version unknown' };
  } catch (error) {
    return { missing: `does not run: ${String(error)}` };
  }
}
