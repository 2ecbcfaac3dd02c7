import type { AppContext, Using } from '../context/app-context.ts';
import { askForTrust } from '../dialogs/trust-certificate.ts';
import { Failure } from '../errors/failure.ts';
import { failureText, isCancelled, isFailureOf, isOfProxy } from '../errors/failure-text.ts';
import { connectSite } from '../remote/connection/connect-site.ts';
import type { ProxyLogin } from '../remote/proxy/proxy-login.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { Site } from '../sites/site.ts';
import type { LoginEvent } from '../state/login.ts';
import { goOnline } from './go-online.ts';
import { mayStopTransfers } from './leave.ts';
import { forgetProxyPassword, keepProxyPassword, proxyLogin } from './proxy-login.ts';
import { rememberServer } from './remember-server.ts';

interface LoginAttempt {
  readonly site: Site;
  /** Empty if it was not typed: then it is looked up, or asked for. */
  readonly password: string;
  readonly keepsPassword: boolean;
}

/** Logs in and shows the files. What goes wrong stands on the login screen. */
export async function connect(app: AppContext, attempt: LoginAttempt): Promise<void> {
  const { site } = attempt;
  const isConnecting = () => app.ui.get().login.isConnecting;
  if (isConnecting() || !(await mayStopTransfers(app, 'stop them and connect'))) return;
  if (isConnecting()) return;
  changeLogin(app, { type: 'connecting', message: `Connecting to ${site.host}:${site.port} …` });
  try {
    const opened = await app.tasks.run((signal) => openSession(app, attempt, signal));
    const { session } = opened;
    if (attempt.keepsPassword) await keepPasswords(app, opened);
    if (session.capabilities.isWithoutSignUp) changeLogin(app, { type: 'signUpMissed', site });
    await goOnline(app, session);
    changeLogin(app, { type: 'connected' });
    await rememberServer(app, site);
  } catch (error) {
    await showFailure(app, site, error);
  }
}

async function keepPasswords(
  app: Using<'ui' | 'services'>,
  { session, password, via }: OpenedSession,
): Promise<void> {
  await keepProxyPassword(app, via);
  if (password === undefined) return;
  const isKept = await app.services.passwords.keep(session.site, password);
  if (!isKept) app.ui.notify('The password was not saved: no keyring is available.', 'bad');
}

async function showFailure(
  app: Using<'ui' | 'services'>,
  site: Site,
  error: unknown,
): Promise<void> {
  const message = isCancelled(error) ? 'Cancelled.' : failureText(error);
  changeLogin(app, { type: 'failed', message });
  if (!isFailureOf(error, 'login')) return;
  if (isOfProxy(error)) await forgetProxyPassword(app, site);
  else standOnPassword(app, site);
}

/** The next try needs another password, and mostly nothing else. */
function standOnPassword(app: Using<'ui'>, site: Site): void {
  changeLogin(app, { type: 'siteShown', site });
  changeLogin(app, { type: 'partChanged', part: 'form' });
  changeLogin(app, { type: 'form', event: { type: 'focused', name: 'password' } });
}

interface OpenedSession {
  readonly session: RemoteSession;
  /** What was typed or found, if the server wanted one. */
  readonly password: string | undefined;
  readonly via: ProxyLogin | undefined;
}

async function openSession(
  app: Using<'keymap' | 'dialogs' | 'connection' | 'services'>,
  attempt: LoginAttempt,
  signal: AbortSignal,
): Promise<OpenedSession> {
  const { site } = attempt;
  const via = proxyLogin(app, site);
  let password: string | undefined;
  const session = await connectSite(site, {
    password: async () => {
      password = await passwordFor(app, attempt);
      return password;
    },
    trust: (facts) => askForTrust(app, facts),
    pinned: await app.services.pins.find(site),
    log: app.connection.conversation.listener(),
    via,
    signal,
  });
  return { session, password, via };
}

async function passwordFor(
  app: Using<'dialogs' | 'services'>,
  { site, password }: LoginAttempt,
): Promise<string> {
  if (password !== '') return password;
  const kept = await app.services.passwords.find(site);
  if (kept !== undefined) return kept;
  if (site.username === 'anonymous') return 'anonymous@';
  const typed = await app.dialogs.prompt({
    topic: 'password',
    title: `Password of ${site.username}@${site.host}`,
    label: 'Password',
    isSecret: true,
    hint: site.tls === 'none' ? 'It will be sent unencrypted: this site does not use TLS.' : '',
  });
  if (typed === undefined) throw new Failure('login', 'No password given.');
  return typed;
}

function changeLogin(app: Using<'ui'>, event: LoginEvent): void {
  app.ui.dispatch({ type: 'login', event });
}
