import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { start } from '../clients/program.ts';
import { Terminal } from '../terminal/terminal.ts';
import { until } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** All that the scripts build and run. */
const SOURCES = [
  'build',
  'db',
  'migrations',
  'server',
  'tui-client',
  'package.json',
  'tsconfig.json',
] as const;

/** The scripts build before they start anything. */
const BUILD_MS = 60_000;

/** A copy, because the scripts replace `dist`. */
let checkout: string;

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'myftp-checkout-'));
  for (const path of SOURCES) {
    await cp(join(ROOT, path), join(checkout, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
});
afterAll(() => rm(checkout, { recursive: true, force: true }));

const environment = () => ({ PATH: process.env.PATH, HOME: checkout, NODE_ENV: '' });

describe.each(['SIGTERM', 'SIGINT'] as const)('%s to npm ends', (signal) => {
  test(
    'the server of npm start, which frees its port',
    async () => {
      const data = join(checkout, `data-${signal}`);
      // Not one that another program may be given as soon as it is free.
      const port = await freePort();
      const args = ['start', '--', '--data', data, '--port', String(port)];
      const npm = start('npm', args, { cwd: checkout, env: environment() });
      await new Promise<void>((resolve, reject) => {
        let text = '';
        npm.child.stdout.on('data', (more: string) => {
          text += more;
          if (text.includes(`listening on ftp://127.0.0.1:${port}\n`)) resolve();
        });
        void npm.ended.then(({ stderr }) => reject(new Error(`no start: ${stderr}`)));
      });
      const server = childOf(Number(npm.child.pid));
      npm.child.kill(signal);
      expect((await npm.ended).stderr).not.toContain('DeprecationWarning');
      await until(() => !existsSync(`/proc/${server}`));
      const listener = createServer().listen(port, '127.0.0.1');
      await once(listener, 'listening');
      listener.close();
    },
    BUILD_MS,
  );

  test(
    'the client of npm run tui',
    async () => {
      const terminal = new Terminal(['npm', 'run', 'tui'], { cwd: checkout, env: environment() });
      try {
        await terminal.until('Security');
        const client = childOf(terminal.pid);
        expect(readFileSync(`/proc/${client}/cmdline`, 'utf8')).toContain('tui-client/main.js');
        terminal.signal(signal);
        await terminal.exitCode;
        await until(() => !existsSync(`/proc/${client}`));
      } finally {
        await terminal.end();
      }
    },
    BUILD_MS,
  );
});

/** The shell becomes the program, so npm has one child. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
