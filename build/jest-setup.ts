/**
 * Jest's global setup: builds the client once for all test files, always from the present sources, and keeps what Node
 * compiles for the programs that tests start. `jest-teardown.ts` removes both.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..');

export default async function setUp(): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'myftp-test-build-'));
  // Jest's workers inherit the environment.
  process.env.MYFTP_TEST_BUILD = directory;
  process.env.NODE_COMPILE_CACHE = path.join(directory, 'compile-cache');
  await buildClient(directory);
}

async function buildClient(directory: string): Promise<void> {
  const bundle = [path.join(ROOT, 'build/bundle-client.ts'), path.join(directory, 'tui-client')];
  const { NODE_OPTIONS: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, bundle, { cwd: ROOT, env });
  await copyFile(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
  // The keyring is not in the bundle.
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
}
