import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServerKind, serverEnvironment } from '../harness/server-kind.ts';
import { BENCH_PASSWORD, BENCH_USER } from './bench-account.ts';
import { nodeCommand } from './node-command.ts';

const MAIN_PATH = fileURLToPath(new URL('../../dist/server/main.js', import.meta.url));
const PACKAGE_PATH = fileURLToPath(new URL('../../package.json', import.meta.url));

/** More than a long run uploads. */
const QUOTA = '1000GiB';

interface Variant {
  readonly name: string;
  /** Settings beside those of every run. */
  readonly flags?: readonly string[];
  /** Commands of an administrator before the start. */
  readonly commands?: readonly (readonly string[])[];
}

/** MyFTP as `npm run build` leaves it. */
export const myftp = myftpWith({ name: 'myftp' });

/** MyFTP with something turned on that is off by default, to see what it costs. */
export const variants: readonly ServerKind[] = [
  myftpWith({
    name: 'myftp-rights',
    commands: [
      ['user', 'rights', BENCH_USER, 'read-only'],
      ['user', 'rights', BENCH_USER, 'full', '/downloads'],
      ['user', 'rights', BENCH_USER, 'full', '/uploads'],
    ],
  }),
  myftpWith({ name: 'myftp-rates', flags: ['--rate-up', '10GiB', '--rate-down', '10GiB'] }),
  myftpWith({ name: 'myftp-trash', flags: ['--keep-deleted', '7d'] }),
  myftpWith({ name: 'myftp-hooks', flags: ['--hook', 'all=/bin/true'] }),
];

function myftpWith({ name, flags = [], commands = [] }: Variant): ServerKind {
  return {
    name,
    loginCheck: 'Argon2id, remembered for 5 minutes',

    async find() {
      if (!existsSync(MAIN_PATH)) return { missing: 'not built, run `npm run build` first' };
      const { version } = JSON.parse(readFileSync(PACKAGE_PATH, 'utf8'));
      return { version: String(version), programPath: MAIN_PATH };
    },

    async prepare({ directoryPath, port, passivePorts, certificate }, programPath) {
      const dataPath = join(directoryPath, 'data');
      const rootPath = join(dataPath, 'files', BENCH_USER);
      mkdirSync(rootPath, { recursive: true });
      addAccount(programPath, dataPath);
      for (const command of commands) administer([...command, '--data', dataPath], programPath);
      return {
        command: [
          ...nodeCommand(programPath, 'serve'),
          ...['--data', dataPath, '--port', String(port)],
          ...['--pasv-range', `${passivePorts.first}-${passivePorts.last}`],
          ...['--max-sessions', '2000', '--max-per-ip', '0', '--max-per-user', '0'],
          ...['--quota', QUOTA],
          ...flags,
          ...(certificate === undefined
            ? []
            : ['--tls-cert', certificate.certificatePath, '--tls-key', certificate.keyPath]),
        ],
        user: BENCH_USER,
        password: BENCH_PASSWORD,
        rootPath,
      };
    },
  };
}

function addAccount(programPath: string, dataPath: string): void {
  const args = ['user', 'add', BENCH_USER, '--password-stdin', '--data', dataPath];
  // The files that it serves are there before it.
  administer([...args, '--quota', QUOTA, '--adopt'], programPath);
}

function administer(args: readonly string[], programPath: string): void {
  execFileSync(process.execPath, [programPath, ...args], {
    input: `${BENCH_PASSWORD}\n`,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: serverEnvironment(),
  });
}
