/**
 * Jest's global setup: builds the programs that tests start, once for all test files and always from the present
 * sources. Node caches what it compiles of others, which run from their sources. `jest-teardown.ts` removes all of it.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..');

export default async function setUp(): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'myftp-test-build-'));
  // Jest's workers inherit the environment.
  process.env.MYFTP_TEST_BUILD = directory;
  process.env.NODE_COMPILE_CACHE = path.join(directory, 'compile-cache');
  // Some tests run the server as another user.
  await chmod(directory, 0o755);
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  await Promise.all([
    runScript('build/bundle-server.ts', path.join(directory, 'dist')),
    runScript('build/bundle-client.ts', path.join(directory, 'tui-client')),
    runScript('build/bundle-test-programs.ts', directory),
  ]);
  // Programs read their version from it.
  for (const place of ['package.json', 'dist/package.json']) {
    await copyFile(path.join(ROOT, 'package.json'), path.join(directory, place));
  }
}

async function runScript(script: string, out: string): Promise<void> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, [script, out], { cwd: ROOT, env });
}
