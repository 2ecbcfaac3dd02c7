import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { FtpSrv } from 'ftp-srv';
import { destination, pino } from 'pino';

/**
 * Runs ftp-srv as its manual shows it, for one account, and prints the port that it listens on. It is a
 * process of its own because ftp-srv ends the process on signals.
 *
 * Arguments: root directory, file for the log (everything, at level `trace`), user, password.
 */
const [rootPath = '.', logFile = '', user, password] = process.argv.slice(2);

completeTracing();
const log = pino({ level: 'trace' }, destination({ dest: logFile, sync: true }));
const server = new FtpSrv({
  url: 'ftp://127.0.0.1:0',
  pasv_url: '127.0.0.1',
  pasv_min: 20_000,
  log,
});

server.on('login', (login, resolve, reject) => {
  if (login.username === user && login.password === password) resolve({ root: rootPath });
  else reject(new Error('Wrong user name or password.'));
});

await server.listen();
const { port } = (server as unknown as { server: { address(): AddressInfo } }).server.address();
process.stdout.write(`${port}\n`);

/** ftp-srv makes a bunyan logger in any case, and bunyan takes any dtrace-provider for a working one. */
function completeTracing(): void {
  try {
    const tracing = createRequire(import.meta.url)('dtrace-provider');
    tracing.createDTraceProvider ??= () => ({ addProbe: () => ({}), enable() {} });
  } catch {
    // Not there at all: then bunyan does without.
  }
}
