import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ServerKind } from '../harness/server-kind.ts';
import { BENCH_PASSWORD, BENCH_USER, makeRoot } from './bench-account.ts';
import { nodeCommand } from './node-command.ts';

const MAIN_PATH = fileURLToPath(new URL('./stock-ftp-srv-main.ts', import.meta.url));

/** ftp-srv as it comes from npm: what MyFTP extends. */
export const stockFtpSrv: ServerKind = {
  name: 'ftp-srv',
  loginCheck: 'the password is compared',

  async find() {
    const { version } = createRequire(import.meta.url)('ftp-srv/package.json');
    return { version: String(version), programPath: MAIN_PATH };
  },

  lackOfTls: () => 'is measured in clear only',

  async prepare({ directoryPath, port, passivePorts }, programPath) {
    const rootPath = makeRoot(directoryPath);
    const { first, last } = passivePorts;
    return {
      command: [
        ...nodeCommand(programPath),
        ...[rootPath, String(port), String(first), String(last), BENCH_USER, BENCH_PASSWORD],
      ],
      user: BENCH_USER,
      password: BENCH_PASSWORD,
      rootPath,
    };
  },
};
