import type { ServerKind } from '../harness/server-kind.ts';
import { myftp, variants } from './myftp.ts';
import { proftpd } from './proftpd.ts';
import { pureFtpd } from './pure-ftpd.ts';
import { stockFtpSrv } from './stock-ftp-srv.ts';
import { vsftpd } from './vsftpd.ts';

/** The name under which MyFTP appears in results; the others are its peers. */
export const SUBJECT = myftp.name;

/** The peer that ratios are also given against. */
export const REFERENCE = vsftpd.name;

/** The servers that are compared unless others are named, MyFTP first. */
const compared: readonly ServerKind[] = [myftp, vsftpd, pureFtpd, proftpd, stockFtpSrv];

/** Every server that the bench knows. */
export const allServers: readonly ServerKind[] = [...compared, ...variants];

/** Those that are named, or else those that are compared. */
export function chosenServers(names: readonly string[]): readonly ServerKind[] {
  return names.length === 0 ? compared : allServers.filter(({ name }) => names.includes(name));
}
