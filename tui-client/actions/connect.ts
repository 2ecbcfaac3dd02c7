import { Failure } from '../failure.ts';
import { connectSite } from '../remote/connect-site.ts';
import type { ProxyLogin } from '../remote/proxy/proxy-login.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import type { Site } from '../sites/site.ts';
import type { LoginEvent } from '../state/login.ts';
import type { Desk } from './desk.ts';
import { failureText, isCancelled, isFailureOf, isOfProxy } from './failure-text.ts';
import { goOnline } from './go-online.ts';
import { mayStopTransfers } from './leave.ts';
import { forgetProxyPassword, keepProxyPassword, proxyLogin } from './proxy-login.ts';
import { rememberServer } from './remember-server.ts';
import { askForTrust } from './trust-certificate.ts';

interface LoginAttempt {
  readonly site: Site;
  /** Empty if it was not typed: then it is looked up, or asked for. */
  readonly password: string;
  readonly keepsPassword: boolean;
}

/** Logs in and shows the files. What goes wrong stands on the login screen. */
export async function connect(desk: Desk, attempt: LoginAttempt): Promise<void> {
  const { site } = attempt;
  const isConnecting = () => desk.store.get().login.isConnecting;
  if (isConnecting() || !(await mayStopTransfers(desk, 'stop them and connect'))) return;
  if (isConnecting()) return;
  tellLogin(desk, { type: 'connecting', message: `Connecting to ${site.host}:${site.port} …` });
  try {
    const opened = await desk.foreground.run((signal) => openSession(desk, attempt, signal));
    const { session } = opened;
    if (attempt.keepsPassword) await keepPasswords(desk, opened);
    if (session.capabilities.isWithoutSignUp) tellLogin(desk, { type: 'signUpMissed', site });
    await goOnline(desk, session);
    tellLogin(desk, { type: 'connected' });
    await rememberServer(desk, site);
  } catch (error) {
    await tellFailure(desk, site, error);
  }
}

async function keepPasswords(desk: Desk, { session, password, via }: OpenedSession): Promise<void> {
  await keepProxyPassword(desk, via);
  if (password === undefined) return;
  const isKept = await desk.services.passwords.keep(session.site, password);
  if (!isKept) desk.tell('The password could not be kept: no keyring here.', 'bad');
}

async function tellFailure(desk: Desk, site: Site, error: unknown): Promise<void> {
  const message = isCancelled(error) ? 'Cancelled.' : failureText(error);
  tellLogin(desk, { type: 'failed', message });
  if (!isFailureOf(error, 'login')) return;
  if (isOfProxy(error)) await forgetProxyPassword(desk, site);
  else standOnPassword(desk, site);
}

/** The next try needs another password, and mostly nothing else. */
function standOnPassword(desk: Desk, site: Site): void {
  tellLogin(desk, { type: 'siteShown', site });
  tellLogin(desk, { type: 'partChanged', part: 'form' });
  tellLogin(desk, { type: 'form', event: { type: 'focused', name: 'password' } });
}

interface OpenedSession {
  readonly session: RemoteSession;
  /** What was typed or found, if the server wanted one. */
  readonly password: string | undefined;
  readonly via: ProxyLogin | undefined;
}

async function openSession(
  desk: Desk,
  attempt: LoginAttempt,
  signal: AbortSignal,
): Promise<OpenedSession> {
  const { site } = attempt;
  const via = proxyLogin(desk, site);
  let password: string | undefined;
  const session = await connectSite(site, {
    password: async () => {
      password = await passwordFor(desk, attempt);
      return password;
    },
    trust: (facts) => askForTrust(desk, facts),
    pinned: await desk.services.pins.find(site),
    log: desk.conversation.listener(),
    via,
    signal,
  });
  return { session, password, via };
}

async function passwordFor(desk: Desk, { site, password }: LoginAttempt): Promise<string> {
  if (password !== '') return password;
  const kept = await desk.services.passwords.find(site);
  if (kept !== undefined) return kept;
  if (site.username === 'anonymous') return 'anonymous@';
  const typed = await desk.sheets.prompt({
    topic: 'password',
    title: `Password of ${site.username}@${site.host}`,
    label: 'Password',
    isSecret: true,
    hint: site.tls === 'none' ? 'It will be sent in clear: this site has no TLS.' : '',
  });
  if (typed === undefined) throw new Failure('login', 'No password was given.');
  return typed;
}

function tellLogin(desk: Desk, event: LoginEvent): void {
  desk.store.dispatch({ type: 'login', event });
}
