import type { Using } from '../context/app-context.ts';
import { Failure } from '../errors/failure.ts';
import { ProxyLogin } from '../remote/proxy/proxy-login.ts';
import type { ProxyServer } from '../sites/proxy.ts';
import { chooseProxy } from '../sites/proxy-choice.ts';
import type { Account, Site } from '../sites/site.ts';

/** The proxy of a site; undefined for direct connections. Its password is looked up, or asked for on the screen. */
export function proxyLogin(app: Using<'dialogs' | 'services'>, site: Site): ProxyLogin | undefined {
  const chosen = chooseProxy(site, app.services.environment);
  if (chosen === undefined) return undefined;
  const { proxy, password } = chosen;
  return new ProxyLogin(proxy, async () => password ?? (await findPassword(app, proxy)));
}

/** Keeps the password that the proxy has accepted. */
export async function keepProxyPassword(
  app: Using<'services'>,
  via: ProxyLogin | undefined,
): Promise<void> {
  const credentials = await via?.credentials();
  if (via === undefined || credentials === undefined) return;
  await app.services.passwords.keep(accountOf(via.proxy), credentials.password);
}

/** Forgets the password that the proxy has refused, so that another one is asked for. */
export async function forgetProxyPassword(app: Using<'services'>, site: Site): Promise<void> {
  const chosen = chooseProxy(site, app.services.environment);
  if (chosen?.proxy.username === undefined) return;
  await app.services.passwords.forget(accountOf(chosen.proxy));
}

async function findPassword(
  app: Using<'dialogs' | 'services'>,
  proxy: ProxyServer,
): Promise<string> {
  const account = accountOf(proxy);
  const kept = await app.services.passwords.find(account);
  if (kept !== undefined) return kept;
  const typed = await app.dialogs.prompt({
    topic: 'password',
    title: `Password of ${account.username} at the proxy ${account.host}`,
    label: 'Password',
    isSecret: true,
    hint: 'It is sent to the proxy unencrypted.',
  });
  if (typed !== undefined) return typed;
  throw new Failure('login', 'No password given for the proxy.', { isOfProxy: true });
}

function accountOf({ host, port, username = '' }: ProxyServer): Account {
  return { host, port, username };
}
