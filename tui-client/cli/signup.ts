import { signUp } from '../remote/connection/sign-up.ts';
import { UsageError } from './command-context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { askNewPassword } from './questions.ts';
import type { CommandRequest } from './request.ts';
import { withSessions } from './sessions.ts';

/** Creates the account that the site names, with a password of the user's choice. */
export function signup(request: CommandRequest): Promise<number> {
  const { context, options, args } = request;
  const [text = ''] = args;
  return withSessions(request, async (sessions) => {
    const { site } = await sessions.site(text);
    const { username, host } = site;
    if (username === 'anonymous') {
      throw new UsageError(`Missing username: use ftp://name@${host}/.`);
    }
    const password = () =>
      options.passwordStdin === true
        ? sessions.stdinLine(0)
        : askNewPassword(context, `${username} at ${host}`);
    const session = await sessions.connect(site, (to, connectOptions) =>
      signUp(to, {
        ...connectOptions,
        password,
        invite: options.invite,
        clear: options.plain === true ? 'allowed' : 'refused',
      }),
    );
    await session.close();
    await sessions.output.json({ type: 'account', username, host });
    if (!sessions.output.isJson) sessions.output.note(`Account ${username} created on ${host}.`);
    return EXIT_CODES.done;
  });
}
