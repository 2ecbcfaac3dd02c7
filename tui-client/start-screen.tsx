import { connect } from './actions/connect.ts';
import { loadSites } from './actions/load-sites.ts';
import { App } from './app.tsx';
import { makeTheme } from './components/theme.ts';
import { type AppContext, newAppContext } from './context/app-context.ts';
import type { ScreenServices } from './context/screen-services.ts';
import { UiStore } from './context/ui-store.ts';
import { customKeymap } from './input/keymap.ts';
import { pointAt } from './input/point.ts';
import { pasteText, pressKey } from './input/press-key.ts';
import { LocalPlace } from './local/local-place.ts';
import { fitted } from './screens/layout.ts';
import { Bookmarks } from './sites/bookmarks.ts';
import { clientPaths } from './sites/client-paths.ts';
import { ConfigFileError } from './sites/config-file.ts';
import { DirectoryBookmarks } from './sites/directory-bookmarks.ts';
import { KnownServers } from './sites/known-servers.ts';
import { Pins } from './sites/pins.ts';
import { RecentServers } from './sites/recent-servers.ts';
import { savedPasswords } from './sites/saved-passwords.ts';
import { readClientSettings } from './sites/settings.ts';
import type { Site } from './sites/site.ts';
import { newUi } from './state/ui.ts';
import { drawFrames } from './terminal/ink-internals.ts';
import { Term } from './terminal/term.ts';
import { TerminalContext } from './terminal/terminal-context.ts';

const SLOW = `Node ${process.versions.node} has not been tested with this version: a slow terminal may delay transfers.`;

export interface ScreenOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To connect to at once; without one the sites are shown. */
  readonly site?: Site | undefined;
  readonly ascii?: boolean;
  readonly mouse?: boolean;
  readonly theme?: 'dark' | 'light' | undefined;
}

/** Runs the full-screen program to its end. @returns the exit code. */
export async function startScreen(options: ScreenOptions): Promise<number> {
  const services = await loadServices(options.environment);
  const { settings, paths } = services;
  const { home } = paths;
  const { keymap, problems } = customKeymap(settings.keys);
  if (problems.length > 0) {
    throw new ConfigFileError([`${paths.settings}, keys:`, ...problems].join('\n  '));
  }
  const term = new Term({ mouse: (options.mouse ?? settings.mouse) ? 'on' : 'off' });
  const { screen } = term;
  const size = { columns: screen.columns, rows: screen.rows };
  const store = new UiStore(newUi({ localPath: process.cwd(), size, home }), fitted);
  let quit: (exitCode: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    quit = resolve;
  });
  const context = newAppContext({
    ui: store,
    keymap,
    terminal: term,
    local: new LocalPlace(),
    services,
    quit: (exitCode) => quit(exitCode),
  });
  const app = drawFrames(
    <TerminalContext.Provider value={{ screen, keys: term.keys }}>
      <App store={store} keymap={keymap} theme={themeFor(options, services)} now={Date.now} />
    </TerminalContext.Provider>,
    screen,
  );
  listen(context, term);
  term.open();
  if (!term.isAsynchronous)
    store.dispatch({ type: 'log', event: { type: 'added', lines: [SLOW] } });
  begin(context, options.site);
  // A component that throws is a bug: `Term` restores the terminal before the rejection ends the program.
  void app.ended;
  const exitCode = await ended;
  app.unmount();
  term.close();
  return exitCode;
}

function listen(app: AppContext, term: Term): void {
  const { screen, keys } = term;
  keys.on('key', (key) => pressKey(app, key));
  keys.on('paste', (text) => pasteText(app, text));
  keys.on('mouse', (action) => pointAt(app, action));
  screen.on('resize', () => {
    const { columns, rows } = screen;
    app.ui.dispatch({ type: 'resized', columns, rows });
  });
}

function begin(app: AppContext, site: Site | undefined): void {
  app.tasks.start(() => loadSites(app));
  if (site !== undefined) {
    app.ui.dispatch({ type: 'login', event: { type: 'siteShown', site } });
    app.tasks.start(() => connect(app, { site, password: '', keepsPassword: false }));
  }
}

async function loadServices(environment: ScreenOptions['environment']): Promise<ScreenServices> {
  const paths = clientPaths(environment);
  const settings = await readClientSettings(paths.settings);
  return {
    paths,
    environment,
    settings,
    bookmarks: new Bookmarks(paths),
    directories: new DirectoryBookmarks(paths),
    pins: new Pins(paths),
    recent: new RecentServers(paths),
    known: new KnownServers(paths),
    passwords: savedPasswords({
      netrc: paths.netrc,
      usesKeyring: settings.keyring,
      warn: () => {},
    }),
  };
}

function themeFor({ theme, ascii, environment }: ScreenOptions, { settings }: ScreenServices) {
  return makeTheme({
    background: theme ?? settings.theme ?? 'auto',
    characters: (ascii ?? settings.ascii) ? 'ascii' : 'auto',
    env: environment as NodeJS.ProcessEnv,
  });
}
