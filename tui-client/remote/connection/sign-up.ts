import { Failure } from '../../errors/failure.ts';
import type { Site } from '../../sites/site.ts';
import { failureForReply } from '../remote-failure.ts';
import type { RemoteSession } from '../remote-session.ts';
import { Capabilities } from './capabilities.ts';
import { type ConnectOptions, SiteLogin } from './connect-site.ts';
import type { ControlConnection } from './control-connection.ts';
import { settle } from './log-in.ts';
import { innerLines, isRefusal } from './reply.ts';

export interface SignUpOptions extends ConnectOptions {
  /** What a server may ask for that does not let in everybody. */
  readonly invite?: string | undefined;
  /** Sends the password also without encryption. */
  readonly clear?: 'allowed' | 'refused';
}

export const NO_SIGN_UP = 'This server has no sign-up: ask those who run it for an account.';

/** Makes the account of `site.username` at a server that offers it, and logs in. @throws Failure */
export async function signUp(site: Site, options: SignUpOptions): Promise<RemoteSession> {
  const { signal, clear = 'refused' } = options;
  if (site.tls === 'none' && clear === 'refused') {
    throw new Failure(
      'trust',
      'A new password is not sent without encryption; use --plain to send it nevertheless.',
    );
  }
  const login = new SiteLogin(site, options);
  const control = await login.dial(signal);
  try {
    const password = await options.password();
    control.redacted.hide(password);
    if (options.invite !== undefined) control.redacted.hide(options.invite);
    await checkIsOffered(control, signal);
    await makeAccount(control, {
      username: site.username,
      invite: options.invite,
      password,
      signal,
    });
    login.rememberPassword(password);
    return login.sessionOver({ control, capabilities: await settle(control, signal) });
  } catch (error) {
    control.close();
    throw error;
  }
}

/** A server that does not tell what it can do may offer it all the same. */
async function checkIsOffered(
  control: ControlConnection,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reply = await control.ask('FEAT', { signal });
  if (isRefusal(reply) || new Capabilities(innerLines(reply)).hasBoth('SITE', 'SIGNUP')) return;
  throw new Failure('login', NO_SIGN_UP);
}

interface NewAccount {
  readonly username: string;
  readonly invite: string | undefined;
  readonly password: string;
  readonly signal: AbortSignal | undefined;
}

async function makeAccount(
  control: ControlConnection,
  { username, invite, password, signal }: NewAccount,
): Promise<void> {
  const words = [username, ...(invite === undefined || invite === '' ? [] : [invite])];
  if (words.some((word) => word === '' || word.includes(' '))) {
    throw new Failure('login', 'A username and an invite have no blanks.');
  }
  for (const line of [`SITE SIGNUP ${words.join(' ')}`, `PASS ${password}`]) {
    const reply = await control.ask(line, { signal });
    if (!isRefusal(reply)) continue;
    const { message, code = 0 } = failureForReply(reply, 'No account was made');
    throw new Failure('login', message, { code });
  }
}
