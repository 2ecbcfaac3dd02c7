import type { Site, TrustDecision } from '../../sites/site.ts';
import { PassiveMode } from '../data/passive-mode.ts';
import { RateLimiter } from '../data/rate-limiter.ts';
import { ServerClock } from '../listing/server-clock.ts';
import type { ProxyLogin } from '../proxy/proxy-login.ts';
import { RemoteSession } from '../remote-session.ts';
import { Charset } from './charset.ts';
import type { ControlConnection } from './control-connection.ts';
import { dial } from './dial.ts';
import { logIn, settle } from './log-in.ts';
import { NameEncoding } from './name-encoding.ts';
import { type LogListener, RedactedLog } from './redacted-log.ts';
import { type LoggedIn, SessionLink } from './session-link.ts';

export interface ConnectOptions {
  /** Asked for once, when the server wants one. */
  readonly password: () => Promise<string>;
  readonly trust: TrustDecision;
  /** The fingerprint that is trusted for this site. */
  readonly pinned?: string | undefined;
  /** Called with the lines of the control connection, without secrets. */
  readonly log?: LogListener | undefined;
  /** The proxy to go through; undefined for direct connections. */
  readonly via?: ProxyLogin | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Connects, looks at the certificate, and logs in. @throws Failure */
export async function connectSite(site: Site, options: ConnectOptions): Promise<RemoteSession> {
  return new SiteLogin(site, options).open(options.signal);
}

/** What it takes to log in again. */
export class SiteLogin {
  readonly #site: Site;
  readonly #options: ConnectOptions;
  readonly #log: RedactedLog;
  readonly #names: NameEncoding;
  readonly #rate: RateLimiter;
  readonly #passive: PassiveMode;
  readonly #clock: ServerClock;
  #password: string | undefined;
  #trusted: string | undefined;

  constructor(site: Site, options: ConnectOptions) {
    this.#site = site;
    this.#rate = new RateLimiter(site.limitBytesPerSecond);
    this.#options = options;
    this.#log = new RedactedLog(options.log);
    const { encoding } = site;
    this.#names = new NameEncoding(encoding === undefined ? undefined : new Charset(encoding));
    this.#clock = new ServerClock(site.timeOffsetMinutes);
    this.#passive = new PassiveMode(site.usesPasv === true ? 'PASV' : undefined);
    this.#trusted = options.pinned;
  }

  /** A session that is kept alive. */
  async open(signal?: AbortSignal): Promise<RemoteSession> {
    return this.sessionOver(await this.#logIn(signal));
  }

  /** A session over a connection that has been logged in otherwise. */
  sessionOver(loggedIn: LoggedIn): RemoteSession {
    const link = new SessionLink(loggedIn, { open: (signal) => this.#logIn(signal) });
    link.keepAlive();
    return this.#session(link);
  }

  rememberPassword(password: string): void {
    this.#password = password;
  }

  /** A session for transfers: it is not kept alive, and who uses it tries again. */
  async #openAnother(signal?: AbortSignal): Promise<RemoteSession> {
    const loggedIn = await this.#logIn(signal);
    const open = (retrySignal?: AbortSignal) => this.#logIn(retrySignal);
    return this.#session(new SessionLink(loggedIn, { open, attempts: 1 }));
  }

  #session(link: SessionLink): RemoteSession {
    return new RemoteSession({
      site: this.#site,
      rate: this.#rate,
      link,
      openAnother: (signal) => this.#openAnother(signal),
      rememberPassword: (password) => this.rememberPassword(password),
    });
  }

  /** A control connection that is not logged in yet. */
  async dial(signal?: AbortSignal): Promise<ControlConnection> {
    const { trust, via } = this.#options;
    const { host, port, tls, passiveHost } = this.#site;
    const [pinned, log, names] = [this.#trusted, this.#log.nextConnection(), this.#names];
    const control = await dial({ host, port, tls, via }, { trust, pinned, log, names, signal });
    // Through a proxy the address of the server is not known.
    control.passiveHost = passiveHost ?? (via && host);
    control.passive = this.#passive;
    control.clock = this.#clock;
    this.#trusted = control.fingerprint256 ?? this.#trusted;
    return control;
  }

  async #logIn(signal?: AbortSignal): Promise<LoggedIn> {
    const control = await this.dial(signal);
    try {
      await logIn(control, this.#site.username, { password: () => this.#askPassword(), signal });
      return { control, capabilities: await settle(control, signal) };
    } catch (error) {
      control.close();
      throw error;
    }
  }

  async #askPassword(): Promise<string> {
    this.#password ??= await this.#options.password();
    return this.#password;
  }
}
