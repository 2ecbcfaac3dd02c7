import type { ServerKind } from '../harness/server-kind.ts';
import { myftp } from './myftp.ts';
import { proftpd } from './proftpd.ts';
import { pureFtpd } from './pure-ftpd.ts';
import { stockFtpSrv } from './stock-ftp-srv.ts';
import { vsftpd } from './vsftpd.ts';

/** The name under which MyFTP appears in results; the others are its peers. */
export const SUBJECT = myftp.name;

/** The peer that ratios are also given against. */
export const REFERENCE = vsftpd.name;

/** Every server that the bench knows, MyFTP first. */
export const allServers: readonly ServerKind[] = [myftp, vsftpd, pureFtpd, proftpd, stockFtpSrv];
