import { EXIT_CODES } from './exit-codes.ts';
import { askNewPassword } from './questions.ts';
import type { CommandRequest } from './request.ts';
import { siteText, withSessions } from './sessions.ts';

/** Changes the password. With `--password-stdin` the first line is the current one, the second the new one. */
export function passwd(request: CommandRequest): Promise<number> {
  const { context, options, args } = request;
  const [text = ''] = args;
  return withSessions(request, async (sessions) => {
    const { site } = await sessions.site(text);
    const { username, host } = site;
    // Asked for once, although it is said twice: by the login and by the change.
    const current = await sessions.password(site);
    const { session } = await sessions.spot(siteText(text));
    const next =
      options.passwordStdin === true
        ? await sessions.stdinLine(1)
        : await askNewPassword(context, `${username} at ${host}`);
    await session.changePassword(current, next);
    await sessions.passwords.renew(site, next);
    await sessions.output.json({ type: 'password', username, host });
    if (!sessions.output.isJson)
      sessions.output.note(`Changed the password of ${username} on ${host}.`);
    return EXIT_CODES.done;
  });
}
