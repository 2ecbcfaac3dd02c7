import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate, ServerKind } from '../harness/server-kind.ts';
import { TLS_CIPHER } from '../harness/tls.ts';
import {
  BENCH_PASSWORD,
  BENCH_PASSWORD_CRYPT,
  BENCH_USER,
  benchOwner,
  isRoot,
  makeOwnedRoot,
} from './bench-account.ts';
import { findServer } from './program-version.ts';

/** ProFTPD with one account in a file of its own. */
export const proftpd: ServerKind = {
  name: 'proftpd',
  loginCheck: 'SHA-512 crypt, each time',

  find: () => findServer('proftpd', '-v'),

  lackOfTls() {
    return modulesPath() === undefined ? 'lacks mod_tls (package proftpd-mod-crypto)' : undefined;
  },

  async prepare({ directoryPath, port, certificate }, programPath) {
    const rootPath = makeOwnedRoot(directoryPath);
    const accountsPath = join(directoryPath, 'accounts');
    const { uid, gid } = benchOwner;
    const account = `${BENCH_USER}:${BENCH_PASSWORD_CRYPT}:${uid}:${gid}::${rootPath}:/bin/sh\n`;
    writeFileSync(accountsPath, account, { mode: 0o600 });
    const settings = [
      ...(certificate === undefined ? [] : tlsSettings(certificate, directoryPath)),
      'ServerType standalone',
      'DefaultAddress 127.0.0.1',
      `Port ${port}`,
      ...(isRoot ? ['User nobody', `Group ${nobodysGroup()}`] : []),
      'UseIPv6 off',
      'UseReverseDNS off',
      'AuthOrder mod_auth_file.c',
      `AuthUserFile ${accountsPath}`,
      'RequireValidShell off',
      'AllowOverwrite on',
      'MaxInstances 2000',
      'WtmpLog off',
      ...(isRoot ? ['DefaultRoot ~'] : []),
      '<IfModule mod_delay.c>',
      '  DelayEngine off',
      '</IfModule>',
      `TransferLog ${join(directoryPath, 'transfers.log')}`,
      `SystemLog ${join(directoryPath, 'system.log')}`,
      `ScoreboardFile ${join(directoryPath, 'scoreboard')}`,
      `PidFile ${join(directoryPath, 'pid')}`,
    ];
    const configPath = join(directoryPath, 'proftpd.conf');
    writeFileSync(configPath, `${settings.join('\n')}\n`);
    return {
      command: [programPath, '--nodaemon', '--config', configPath],
      user: BENCH_USER,
      password: BENCH_PASSWORD,
      rootPath,
    };
  },
};

/** Where mod_tls is: below `MYFTP_BENCH_PEERS`, or where Debian puts it. */
function modulesPath(): string | undefined {
  const unpacked = process.env.MYFTP_BENCH_PEERS;
  return [...(unpacked === undefined ? [] : [unpacked]), '/']
    .map((path) => join(path, 'usr/lib/proftpd'))
    .find((path) => existsSync(join(path, 'mod_tls.so')));
}

function tlsSettings({ certificatePath, keyPath }: Certificate, directoryPath: string): string[] {
  return [
    `ModulePath ${modulesPath()}`,
    'LoadModule mod_tls.c',
    'TLSEngine on',
    `TLSECCertificateFile ${certificatePath}`,
    `TLSECCertificateKeyFile ${keyPath}`,
    `TLSCipherSuite ${TLS_CIPHER}`,
    `TLSLog ${join(directoryPath, 'tls.log')}`,
  ];
}

/** Debian and its kin call it nogroup. */
function nobodysGroup(): string {
  return /^nogroup:/m.test(readFileSync('/etc/group', 'utf8')) ? 'nogroup' : 'nobody';
}
