import { posix } from 'node:path';
import { Failure } from '../errors/failure.ts';
import { type ConnectOptions, connectSite } from '../remote/connection/connect-site.ts';
import { ConversationLog } from '../remote/connection/conversation-log.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import { type ClientPaths, clientPaths } from '../sites/client-paths.ts';
import { Pins } from '../sites/pins.ts';
import { type SavedPasswords, savedPasswords } from '../sites/saved-passwords.ts';
import { type ClientSettings, readClientSettings } from '../sites/settings.ts';
import type { Site } from '../sites/site.ts';
import { parseTarget } from '../sites/target.ts';
import { UsageError } from './command-context.ts';
import { decideTrust } from './decide-trust.ts';
import { type RemoteTarget, resolveTarget } from './find-site.ts';
import { Output } from './output.ts';
import { proxyLogin } from './proxy-login.ts';
import { askPassword, readLines } from './questions.ts';
import type { CommandRequest } from './request.ts';

/** A place on a server that we are logged in at. */
export interface RemoteSpot {
  readonly session: RemoteSession;
  /** Absolute. */
  readonly path: string;
  /** As it was written, for people. */
  readonly written: string;
}

interface Opened {
  readonly session: RemoteSession;
  /** Where relative paths begin. */
  readonly start: string;
}

/** The logins of one command, each made when it is first needed. */
export class Sessions {
  readonly output: Output;
  readonly settings: ClientSettings;
  readonly passwords: SavedPasswords;
  readonly #request: CommandRequest;
  readonly #pins: Pins;
  readonly #opened = new Map<string, Promise<Opened>>();
  readonly #known = new Map<string, Promise<string>>();
  readonly #conversation = new ConversationLog((line) => this.output.logLine(line));
  #stdinLines: Promise<readonly string[]> | undefined;

  constructor(request: CommandRequest, paths: ClientPaths, settings: ClientSettings) {
    this.#request = request;
    this.settings = settings;
    this.output = new Output(request);
    this.#pins = new Pins(paths);
    this.passwords = savedPasswords({
      netrc: paths.netrc,
      usesKeyring: settings.keyring,
      warn: (sentence) => this.output.problem(sentence),
    });
  }

  /** The site and path that an argument names. */
  async target(text: string): Promise<RemoteTarget> {
    const parsed = parseTarget(text);
    if (parsed.kind === 'local') {
      throw new UsageError(
        `"${text}" is not a place on a server: write site:/path or ftp://host/path.`,
      );
    }
    const { context, options } = this.#request;
    const warn = (sentence: string) => this.output.problem(sentence);
    return resolveTarget(parsed, { environment: context.environment, flags: options, warn });
  }

  /** The same where nothing but a site is meant: the name of a bookmark needs no colon. */
  site(text: string): Promise<RemoteTarget> {
    return this.target(siteText(text));
  }

  /** Logs in, once for each site. */
  async spot(text: string): Promise<RemoteSpot> {
    const { site, path = '.' } = await this.target(text);
    const { session, start } = await this.#open(site);
    return { session, path: absolute(path, start), written: text };
  }

  /** What it takes to log in at a site. */
  async connectOptions(site: Site): Promise<ConnectOptions> {
    const { context, options, stop } = this.#request;
    return {
      password: () => this.password(site),
      trust: decideTrust({ context, pins: this.#pins, trusted: options.trust, stop }),
      pinned: await this.#pins.find(site),
      log: options.verbose === true ? this.#conversation.listener() : undefined,
      via: proxyLogin(site, { context, passwords: this.passwords }),
      signal: stop,
    };
  }

  /** The password of the site's user. It is looked for and asked for once. */
  password(site: Site): Promise<string> {
    const known = this.#known.get(site.id) ?? this.#findPassword(site);
    this.#known.set(site.id, known);
    return known;
  }

  /** From where there is one; the terminal is the last resort. */
  async #findPassword(site: Site): Promise<string> {
    const { context, options } = this.#request;
    if (options.passwordStdin === true) return this.stdinLine(this.#known.size);
    const saved = await this.passwords.find(site);
    if (saved !== undefined) return saved;
    if (site.username === 'anonymous') return 'anonymous@';
    return askPassword(context, `${site.username} at ${site.host}`);
  }

  /** For `--password-stdin`. */
  async stdinLine(number: number): Promise<string> {
    this.#stdinLines ??= readLines(this.#request.context.stdin);
    const line = (await this.#stdinLines)[number];
    if (line !== undefined && line !== '') return line;
    throw new UsageError(
      number === 0
        ? 'No password on standard input.'
        : 'Too few passwords on standard input: one line each is required.',
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#opened.values()].map(async (opening) => {
        const opened = await opening.catch(() => undefined);
        await opened?.session.close();
      }),
    );
  }

  #open(site: Site): Promise<Opened> {
    const key = `${site.id} ${site.tls}`;
    const opening = this.#opened.get(key) ?? this.#logIn(site);
    this.#opened.set(key, opening);
    return opening;
  }

  async #logIn(site: Site): Promise<Opened> {
    const session = await this.connect(site, connectSite);
    return { session, start: site.remotePath ?? (await session.workingDirectory()) };
  }

  /** Connects, and says what to do if the server does not encrypt. */
  async connect(
    site: Site,
    open: (site: Site, options: ConnectOptions) => Promise<RemoteSession>,
  ): Promise<RemoteSession> {
    try {
      return await open(site, await this.connectOptions(site));
    } catch (error) {
      const { kind, message, code } = error as Partial<Failure>;
      // The server has answered AUTH with a refusal.
      if (kind !== 'trust' || code === undefined || site.tls !== 'explicit') throw error;
      const hint = 'Use --plain to send your password and files unencrypted.';
      throw new Failure('trust', `${message} ${hint}`, { code });
    }
  }
}

/** Does a task with logins, which end with it. */
export async function withSessions<Result>(
  request: CommandRequest,
  task: (sessions: Sessions) => Promise<Result>,
): Promise<Result> {
  const paths = clientPaths(request.context.environment);
  const sessions = new Sessions(request, paths, await readClientSettings(paths.settings));
  try {
    return await task(sessions);
  } finally {
    sessions.output.writeAdvice();
    await sessions.close();
  }
}

/** With the colon that makes it a place. */
export function siteText(text: string): string {
  return parseTarget(text).kind === 'local' ? `${text}:` : text;
}

/** Without `.`, `..` and a slash at the end. */
function absolute(path: string, start: string): string {
  const normal = posix.resolve('/', start, path);
  return normal === '' ? '/' : normal;
}
