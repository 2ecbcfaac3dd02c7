import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation, ServerKind } from '../harness/server-kind.ts';
import { BENCH_PASSWORD, BENCH_USER, makeOwnedRoot } from './bench-account.ts';
import { findProgram } from './find-program.ts';

const run = promisify(execFile);

const SYSTEM_PYTHON = '/usr/bin/python3';

const PRINT_VERSION = 'import pyftpdlib; print(pyftpdlib.__ver__)';

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

  async find(): Promise<Installation> {
    // A Python of its own in PATH does not have the system's packages.
    for (const programPath of [SYSTEM_PYTHON, findProgram('python3')]) {
      if (programPath === undefined) continue;
      try {
        const { stdout } = await run(programPath, ['-c', PRINT_VERSION], { timeout: 10_000 });
        return { programPath, version: stdout.trim() };
      } catch {
        // Another Python may have it.
      }
    }
    return { missing: 'not installed' };
  },

  lackOfTls: () => 'is started in clear only',

  async prepare({ directoryPath, port, passivePorts: { first, last } }, programPath) {
    const rootPath = makeOwnedRoot(directoryPath);
    const mainPath = join(directoryPath, 'main.py');
    writeFileSync(mainPath, MAIN);
    const account = [BENCH_USER, BENCH_PASSWORD];
    const numbers = [port, first, last].map(String);
    return {
      command: [programPath, mainPath, rootPath, ...numbers, ...account],
      user: BENCH_USER,
      password: BENCH_PASSWORD,
      rootPath,
    };
  },
};
