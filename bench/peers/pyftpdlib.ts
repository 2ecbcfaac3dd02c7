import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation, ServerKind } from '../harness/server-kind.ts';
import { BENCH_PASSWORD, BENCH_USER, makeOwnedRoot } from './bench-account.ts';
import { findProgram } from './find-program.ts';

const run = promisify(execFile);

/** Debian's packages belong to this one, even where another comes first in PATH. */
const SYSTEM_PYTHON = '/usr/bin/python3';

const MAIN = `
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
root, port, first, last, user, password = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user(user, password, root, perm='elradfmwMT')
FTPHandler.authorizer = authorizer
FTPHandler.passive_ports = range(int(first), int(last) + 1)
FTPServer(('127.0.0.1', int(port)), FTPHandler).serve_forever()
`;

/** pyftpdlib, of which many small servers are made. */
export const pyftpdlib: ServerKind = {
  name: 'pyftpdlib',
  loginCheck: 'the password is compared',

  async find() {
    const pythons = [findProgram('python3'), SYSTEM_PYTHON].filter((path) => path !== undefined);
    for (const programPath of pythons) {
      const version = await versionIn(programPath);
      if (version !== undefined) return { programPath, version } satisfies Installation;
    }
    return { missing: 'not installed (package python3-pyftpdlib)' };
  },

  lackOfTls: () => 'resets data connections over TLS now and then, those of curl, too (1.5.7)',

  async prepare({ directoryPath, port, passivePorts }, programPath) {
    const rootPath = makeOwnedRoot(directoryPath);
    const mainPath = join(directoryPath, 'main.py');
    writeFileSync(mainPath, MAIN);
    return {
      command: [
        ...[programPath, '-W', 'ignore', mainPath, rootPath],
        ...[port, passivePorts.first, passivePorts.last].map(String),
        ...[BENCH_USER, BENCH_PASSWORD],
      ] as [string, ...string[]],
      user: BENCH_USER,
      password: BENCH_PASSWORD,
      rootPath,
    };
  },
};

/** Undefined if this Python does not have the library. */
async function versionIn(pythonPath: string): Promise<string | undefined> {
  const script = 'import pyftpdlib; print(pyftpdlib.__ver__)';
  try {
    const { stdout } = await run(pythonPath, ['-W', 'ignore', '-c', script], { timeout: 10_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
