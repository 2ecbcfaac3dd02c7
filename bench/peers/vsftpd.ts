import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerKind } from '../harness/server-kind.ts';
import { TLS_CIPHER } from '../harness/tls.ts';
import { isRoot, makeRoot } from './bench-account.ts';
import { findServer } from './program-version.ts';

/** Any user without rights will do, but its home must exist. */
const ANONYMOUS_USER = 'daemon';

/** vsftpd. Local accounts would need the system's user database, so clients log in anonymously. */
export const vsftpd: ServerKind = {
  name: 'vsftpd',
  loginCheck: 'anonymous, no password is checked',

  find: () => findServer('vsftpd', '-v'),

  async prepare({ directoryPath, port, certificate }, programPath) {
    const rootPath = makeRoot(directoryPath);
    const emptyPath = join(directoryPath, 'empty');
    mkdirSync(emptyPath, { mode: 0o555 });
    const settings = {
      listen: 'YES',
      listen_address: '127.0.0.1',
      listen_port: port,
      background: 'NO',
      anonymous_enable: 'YES',
      local_enable: 'NO',
      ftp_username: ANONYMOUS_USER,
      anon_root: rootPath,
      write_enable: 'YES',
      anon_upload_enable: 'YES',
      anon_mkdir_write_enable: 'YES',
      anon_other_write_enable: 'YES',
      anon_umask: '022',
      secure_chroot_dir: emptyPath,
      max_clients: 0,
      max_per_ip: 0,
      xferlog_enable: 'YES',
      vsftpd_log_file: join(directoryPath, 'transfers.log'),
      ...(certificate !== undefined && {
        ssl_enable: 'YES',
        allow_anon_ssl: 'YES',
        ssl_ciphers: TLS_CIPHER,
        rsa_cert_file: certificate.certificatePath,
        rsa_private_key_file: certificate.keyPath,
      }),
      ...(isRoot ? {} : { run_as_launching_user: 'YES' }),
    };
    const configPath = join(directoryPath, 'vsftpd.conf');
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(configPath, lines.join(''));
    return {
      command: [programPath, configPath],
      user: 'anonymous',
      password: 'bench@example.org',
      rootPath,
    };
  },
};
