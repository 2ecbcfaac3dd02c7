import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../actions/connect.ts';
import { loadSites } from '../actions/load-sites.ts';
import { App } from '../app.tsx';
import { makeTheme } from '../components/theme.ts';
import { type AppContext, newAppContext } from '../context/app-context.ts';
import { UiStore } from '../context/ui-store.ts';
import { customKeymap, type KeyOverrides } from '../input/keymap.ts';
import { pressKey } from '../input/press-key.ts';
import { LocalPlace } from '../local/local-place.ts';
import { fitted } from '../screens/layout.ts';
import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { DirectoryBookmarks } from '../sites/directory-bookmarks.ts';
import { KnownServers } from '../sites/known-servers.ts';
import { Pins } from '../sites/pins.ts';
import { RecentServers } from '../sites/recent-servers.ts';
import { savedPasswords } from '../sites/saved-passwords.ts';
import { readClientSettings } from '../sites/settings.ts';
import type { Site } from '../sites/site.ts';
import { newUi, type Ui } from '../state/ui.ts';
import { DrawnScreen, type ScreenSize } from './drawn-screen.tsx';

interface ScreenSetUp {
  readonly size?: ScreenSize;
  /** Of an earlier run, to find what it has left. */
  readonly home?: string;
  readonly editor?: string;
  /** The user's own keys. */
  readonly keys?: KeyOverrides;
}

const SEEN_WITHIN_MS = 15_000;

/** The whole program but for the terminal: keys go in, what would be seen comes out. */
export class RunningScreen {
  readonly app: AppContext;
  /** With the client's settings; `here` in it is what the left pane shows. */
  readonly home: string;
  readonly ended: Promise<number>;
  readonly #drawn: DrawnScreen;

  private constructor(parts: {
    app: AppContext;
    home: string;
    ended: Promise<number>;
    drawn: DrawnScreen;
  }) {
    this.app = parts.app;
    this.home = parts.home;
    this.ended = parts.ended;
    this.#drawn = parts.drawn;
  }

  static async start(setUp: ScreenSetUp = {}): Promise<RunningScreen> {
    const { size = { columns: 100, rows: 30 } } = setUp;
    const home = setUp.home ?? (await mkdtemp(join(tmpdir(), 'myftp-screen-')));
    const here = join(home, 'here');
    await mkdir(here, { recursive: true });
    const store = new UiStore(newUi({ localPath: here, size }), fitted);
    const { keymap } = customKeymap(setUp.keys ?? {});
    const theme = makeTheme({ characters: 'unicode', env: { NO_COLOR: '1' } });
    const drawing = <App store={store} keymap={keymap} theme={theme} now={Date.now} />;
    const drawn = new DrawnScreen(drawing, size);
    let quit: (exitCode: number) => void = () => {};
    const ended = new Promise<number>((resolve) => {
      quit = resolve;
    });
    const app = newAppContext({
      ui: store,
      keymap,
      local: new LocalPlace(),
      services: await servicesIn(home, setUp.editor),
      quit: (exitCode) => quit(exitCode),
      terminal: {
        lend: (task) => task(),
        suspend: () => false,
        setMouse: () => {},
        mouse: 'off',
        screen: drawn.screen,
      },
    });
    await loadSites(app);
    return new RunningScreen({ app, home, ended, drawn });
  }

  get here(): string {
    return join(this.home, 'here');
  }

  get ui(): Ui {
    return this.app.ui.get();
  }

  /** Logs in as the command line would have it; what is asked stays to be answered. */
  connect(site: Site, password = 'correct horse'): void {
    this.app.tasks.start(() => connect(this.app, { site, password, keepsPassword: false }));
  }

  /** Key names, as `Keys` reports them. */
  press(...names: readonly string[]): void {
    for (const name of names) {
      const isCharacter = [...name].length === 1;
      const text = name === 'space' ? ' ' : isCharacter ? name : '';
      pressKey(this.app, { name, text });
    }
  }

  type(text: string): void {
    for (const character of text) this.press(character === ' ' ? 'space' : character);
  }

  text(): Promise<string> {
    return this.#drawn.text();
  }

  /** Waits until it is on the screen. */
  async until(seen: string | RegExp | ((text: string) => boolean)): Promise<string> {
    const isSeen =
      typeof seen === 'function'
        ? seen
        : (text: string) => (typeof seen === 'string' ? text.includes(seen) : seen.test(text));
    for (const endMs = performance.now() + SEEN_WITHIN_MS; ; ) {
      const text = await this.text();
      if (isSeen(text)) return text;
      if (performance.now() > endMs) throw new Error(`Not seen: ${String(seen)}\n${text}`);
      await this.#nextChange();
    }
  }

  /** Everything that was written to the terminal. */
  get written(): string {
    return this.#drawn.output.written;
  }

  /** The screen goes, as if the program were killed: nothing is said to the server. */
  async end(): Promise<void> {
    await this.app.connection.active?.close();
    this.#drawn.unmount();
  }

  async dispose(): Promise<void> {
    await this.end();
    // The server that was connected to may just be written down.
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, 50);
      const unsubscribe = this.app.ui.subscribe(done);
      function done() {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      }
    });
  }
}

async function servicesIn(home: string, editor: string | undefined) {
  const paths = clientPaths({ HOME: home });
  const settings = await readClientSettings(paths.settings);
  return {
    paths,
    settings,
    environment: { HOME: home, EDITOR: editor },
    bookmarks: new Bookmarks(paths),
    directories: new DirectoryBookmarks(paths),
    pins: new Pins(paths),
    recent: new RecentServers(paths),
    known: new KnownServers(paths),
    passwords: savedPasswords({ netrc: paths.netrc, usesKeyring: false, warn: () => {} }),
  };
}

/** Where a server in a test can be logged in at. */
export function testSite(port: number, more: Partial<Site> = {}): Site {
  const { username = 'anna' } = more;
  return {
    id: `${username}@127.0.0.1:${port}`,
    name: undefined,
    host: '127.0.0.1',
    port,
    tls: 'none',
    username,
    remotePath: undefined,
    localPath: undefined,
    ...more,
  };
}
