import { ProxyLogin } from '../remote/proxy/proxy-login.ts';
import type { ProxyServer } from '../sites/proxy.ts';
import { chooseProxy } from '../sites/proxy-choice.ts';
import type { SavedPasswords } from '../sites/saved-passwords.ts';
import type { Site } from '../sites/site.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { askPassword, canAsk } from './questions.ts';

interface Asking {
  readonly context: CommandContext;
  readonly passwords: SavedPasswords;
}

/** The proxy of a site; undefined for direct connections. Its password is looked up, or asked for on the terminal. */
export function proxyLogin(site: Site, asking: Asking): ProxyLogin | undefined {
  const chosen = chooseProxy(site, asking.context.environment);
  if (chosen === undefined) return undefined;
  const { proxy, password } = chosen;
  return new ProxyLogin(proxy, async () => password ?? (await findPassword(proxy, asking)));
}

async function findPassword(
  { host, port, username = '' }: ProxyServer,
  { context, passwords }: Asking,
): Promise<string> {
  const saved = await passwords.find({ host, port, username });
  if (saved !== undefined) return saved;
  const whose = `${username} at the proxy ${host}`;
  if (canAsk(context)) return askPassword(context, whose);
  throw new UsageError(
    `Cannot ask for the password of ${whose} without a terminal. Save it in ~/.netrc or the keyring.`,
  );
}
