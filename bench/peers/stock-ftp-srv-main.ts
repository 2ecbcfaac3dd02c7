import { createRequire } from 'node:module';
import { FtpSrv } from 'ftp-srv';
import { pino } from 'pino';

/**
 * Runs ftp-srv as its manual shows it, for one account.
 *
 * Arguments: root directory, port, first and last passive port, user, password.
 */
const [rootPath = '.', port, first, last, user, password] = process.argv.slice(2);

completeTracing();
const server = new FtpSrv({
  url: `ftp://127.0.0.1:${port}`,
  pasv_url: '127.0.0.1',
  pasv_min: Number(first),
  pasv_max: Number(last),
  log: pino({ level: 'warn' }),
});

server.on('login', (login, resolve, reject) => {
  if (login.username === user && login.password === password) resolve({ root: rootPath });
  else reject(new Error('Wrong user name or password.'));
});

await server.listen();

/**
 * ftp-srv makes a bunyan logger even if it is given another one, and bunyan takes any module called
 * dtrace-provider for a working one; ours is an empty package.
 */
function completeTracing(): void {
  try {
    const tracing = createRequire(import.meta.url)('dtrace-provider');
    tracing.createDTraceProvider ??= () => ({ addProbe: () => ({}), enable() {} });
  } catch {
    // Not there at all: then bunyan does without.
  }
}
