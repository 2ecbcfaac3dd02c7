import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { isInstalled } from '../../tests/clients/program.ts';

const PROGRAM = fileURLToPath(new URL('./testing/keyring-process.ts', import.meta.url));

/** A session of its own, whose keyring is unlocked as at a login. */
const SESSION = [
  "printf 'login password' | gnome-keyring-daemon --unlock --components=secrets > /dev/null",
  `exec '${process.execPath}' --no-warnings '${PROGRAM}'`,
].join('\n');

const isThere = isInstalled('gnome-keyring-daemon') && isInstalled('dbus-run-session');

(isThere ? test : test.skip)(
  "the system's keyring keeps a password (skipped without gnome-keyring-daemon and dbus-run-session)",
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'myftp-keyring-'));
    const env = { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home };
    const args = ['--', 'sh', '-c', SESSION];
    const { stdout } = await promisify(execFile)('dbus-run-session', args, { env });
    expect(JSON.parse(stdout)).toEqual({
      before: null,
      isWritten: true,
      kept: 'correct horse',
      afterwards: null,
    });
    expect(await readdir(join(home, '.local/share/keyrings'))).toContain('login.keyring');
    await rm(home, { recursive: true });
  },
  60_000,
);
