import type { Command, CommandTable } from '../contract/command.ts';
import { abor } from './abor.ts';
import { acct } from './acct.ts';
import { allo } from './allo.ts';
import { appe } from './appe.ts';
import { auth } from './auth.ts';
import { avbl } from './avbl.ts';
import { ccc } from './ccc.ts';
import { cdup } from './cdup.ts';
import { clnt } from './clnt.ts';
import { cwd } from './cwd.ts';
import { dele } from './dele.ts';
import { eprt } from './eprt.ts';
import { epsv } from './epsv.ts';
import { featFor } from './feat.ts';
import { hash } from './hash.ts';
import { helpFor } from './help.ts';
import { host } from './host.ts';
import { inherited } from './inherited.ts';
import { list } from './list.ts';
import { mdtm } from './mdtm.ts';
import { mfmt } from './mfmt.ts';
import { mkd } from './mkd.ts';
import { mlsd } from './mlsd.ts';
import { mlst } from './mlst.ts';
import { mode } from './mode.ts';
import { nlst } from './nlst.ts';
import { noop } from './noop.ts';
import { opts } from './opts.ts';
import { pass } from './pass.ts';
import { pasv } from './pasv.ts';
import { pbsz } from './pbsz.ts';
import { port } from './port.ts';
import { prot } from './prot.ts';
import { quit } from './quit.ts';
import { rang } from './rang.ts';
import { rein } from './rein.ts';
import { rest } from './rest.ts';
import { retr } from './retr.ts';
import { rmd } from './rmd.ts';
import { rnfr } from './rnfr.ts';
import { rnto } from './rnto.ts';
import { chmod } from './site/chmod.ts';
import { expect } from './site/expect.ts';
import { modified } from './site/modified.ts';
import { partials } from './site/partials.ts';
import { passwd } from './site/passwd.ts';
import { quota } from './site/quota.ts';
import { signup } from './site/signup.ts';
import { trash } from './site/trash.ts';
import { umask } from './site/umask.ts';
import { utime } from './site/utime.ts';
import { siteFor } from './site.ts';
import { size } from './size.ts';
import { smnt } from './smnt.ts';
import { stat } from './stat.ts';
import { stor } from './stor.ts';
import { stou } from './stou.ts';
import { stru } from './stru.ts';
import { type } from './type.ts';
import { user } from './user.ts';
import { siteXmd5, xchecksums } from './xchecksums.ts';

const siteCommands: readonly Command[] = [
  chmod,
  expect,
  modified,
  partials,
  passwd,
  quota,
  signup,
  trash,
  umask,
  utime,
  siteXmd5,
];

/** All verbs of the server. FEAT and HELP list them. */
export const commands: readonly Command[] = withSelfDescription([
  ...[auth, pbsz, prot, ccc],
  ...[user, pass, acct, rein, quit, host, clnt],
  ...[cwd, cdup, mkd, rmd, dele, rnfr, rnto],
  ...[pasv, epsv, port, eprt, type, stru, mode],
  ...[retr, stor, stou, appe, allo, rest, rang, abor],
  ...[list, nlst, mlsd, mlst, size, mdtm, mfmt, stat],
  ...[hash, ...xchecksums, avbl, opts, noop, smnt],
  ...inherited,
  siteFor(siteCommands),
]);

/** The same commands under each of their names. */
export const commandTable: CommandTable = new Map(
  commands.flatMap((command) =>
    [command.verb, ...(command.aliases ?? [])].map((name) => [name, command] as const),
  ),
);

function withSelfDescription(described: readonly Command[]): readonly Command[] {
  const all: Command[] = [...described];
  all.push(featFor(all), helpFor(all));
  return all;
}
