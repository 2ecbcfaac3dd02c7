/** Verbs whose argument, or what follows its first word, is nobody's business. */
const SECRET = new Set(['PASS', 'ACCT']);

const SITE_WITH_SECRETS = /^(SIGNUP +\S+|PASSWD)(?: +.*)?$/i;

/**
 * A command as the log may have it: passwords and invites are cut. A verb that nobody knows is not told
 * either; it may be a password that came without its PASS.
 */
export function describeCommand(verb: string, argument: string | undefined): string {
  if (argument === undefined || argument === '') return verb;
  if (SECRET.has(verb)) return `${verb} ***`;
  const [, harmless] = verb === 'SITE' ? (SITE_WITH_SECRETS.exec(argument) ?? []) : [];
  return harmless === undefined ? `${verb} ${argument}` : `${verb} ${harmless} ***`;
}
