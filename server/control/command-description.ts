/** Verbs whose argument is, or may be, a secret: people type their password where the username belongs. */
const SECRET = new Set(['PASS', 'ACCT', 'USER']);

const SITE_WITHOUT_SECRETS = /^ *(CHMOD|EXPECT|HELP|PARTIALS|QUOTA|UTIME|XMD5)(?: |$)/i;
const SITE_WITH_SECRETS = /^ *(SIGNUP +\S+|SIGNUP|PASSWD)(?: +.*)?$/i;

/**
 * A command as the log may have it: passwords and invites are cut. A verb that nobody knows, also behind SITE, is not
 * told either: it may be a password that came without its PASS.
 */
export function describeCommand(verb: string, argument: string | undefined): string {
  if (argument === undefined || argument === '') return verb;
  if (SECRET.has(verb)) return `${verb} ***`;
  if (verb !== 'SITE' || SITE_WITHOUT_SECRETS.test(argument)) return `${verb} ${argument}`;
  const [, harmless] = SITE_WITH_SECRETS.exec(argument) ?? [];
  if (harmless === undefined) return 'SITE ***';
  return harmless.length === argument.trim().length ? `SITE ${harmless}` : `SITE ${harmless} ***`;
}
