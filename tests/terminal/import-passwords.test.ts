import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isInstalled } from '../clients/program.ts';
import { ClientJourney, PASSWORD } from './client-journey.ts';
import { shellWords } from './programs.ts';

const isThere = isInstalled('gnome-keyring-daemon') && isInstalled('dbus-run-session');

let journey: ClientJourney;

beforeEach(async () => {
  journey = await ClientJourney.begin();
});
afterEach(() => journey.end());

/** A session of its own, whose keyring is unlocked as at a login; then another command without a question. */
function withKeyring(program: readonly string[]): readonly [string, ...string[]] {
  const [node = '', ...rest] = program;
  const client = rest.slice(0, rest.lastIndexOf('sites'));
  const script = [
    "printf 'login password' | gnome-keyring-daemon --unlock --components=secrets > /dev/null",
    shellWords(program),
    'echo "import: $?"',
    `${shellWords([node, ...client, 'ls', 'shop:'])} < /dev/null`,
    'echo "ls: $?"',
    `${shellWords([node, ...client, 'ls', 'other:'])} < /dev/null`,
    'echo "other: $?"',
  ].join('\n');
  return ['dbus-run-session', '--', 'sh', '-c', script];
}

(isThere ? test : test.skip)(
  'imported sites get passwords that are asked for once and kept in the keyring (skipped without gnome-keyring-daemon and dbus-run-session)',
  async () => {
    await writeFile(join(await journey.remoteHome, 'notes.txt'), '');
    const { port } = journey.server;
    const section = (name: string, user: string) =>
      `[${name}]\ntype = ftp\nhost = 127.0.0.1\nport = ${port}\nuser = ${user}\npass = hunter2\n`;
    await journey.writeLocal('rclone.conf', section('shop', 'anna') + section('other', 'berta'));
    const terminal = journey.start({
      args: ['sites', 'import', 'rclone.conf', '--ask-passwords'],
      env: { XDG_RUNTIME_DIR: journey.localPath },
      inside: withKeyring,
    });
    await terminal.until('2 of 2 sites of rclone added.');
    await terminal.until('Password of anna at 127.0.0.1:');
    terminal.type(`${PASSWORD}\r`);
    // An empty answer leaves the site without one.
    await terminal.until('Password of berta at 127.0.0.1:');
    terminal.type('\r');
    await terminal.until('import: 0');
    await terminal.until(/notes\.txt\s+ls: 0/);
    await terminal.until(/Cannot ask for the password of berta[\s\S]*other: 64/);
    expect(terminal.takeWritten()).not.toContain(PASSWORD);
    const sites = await readFile(join(journey.localPath, '../.config/myftp/sites.toml'), 'utf8');
    expect(sites).not.toMatch(/horse|hunter2/);
    expect(await terminal.exitCode).toBe(0);
  },
  60_000,
);
