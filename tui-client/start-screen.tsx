import { connect } from './actions/connect.ts';
import { Desk } from './actions/desk.ts';
import { loadSites } from './actions/load-sites.ts';
import { pointAt } from './actions/point.ts';
import { pasteText, pressKey } from './actions/press-key.ts';
import type { ScreenServices } from './actions/screen-services.ts';
import { UiStore } from './actions/ui-store.ts';
import { App } from './app.tsx';
import { customKeymap } from './keymap.ts';
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
import { makeTheme } from './theme.ts';

const SLOW = `Node ${process.versions.node} is not tested with this version: a terminal that stalls delays transfers.`;

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
  const desk = new Desk({
    store,
    keymap,
    term,
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
  listen(desk, term);
  term.open();
  if (!term.isAsynchronous)
    store.dispatch({ type: 'log', event: { type: 'added', lines: [SLOW] } });
  begin(desk, options.site);
  // A component that throws is a bug: `Term` restores the terminal before the rejection ends the program.
  void app.ended;
  const exitCode = await ended;
  app.unmount();
  term.close();
  return exitCode;
}

function listen(desk: Desk, term: Term): void {
  const { screen, keys } = term;
  keys.on('key', (key) => pressKey(desk, key));
  keys.on('paste', (text) => pasteText(desk, text));
  keys.on('mouse', (action) => pointAt(desk, action));
  screen.on('resize', () => {
    const { columns, rows } = screen;
    desk.store.dispatch({ type: 'resized', columns, rows });
  });
}

function begin(desk: Desk, site: Site | undefined): void {
  desk.start(() => loadSites(desk));
  if (site !== undefined) {
    desk.store.dispatch({ type: 'login', event: { type: 'siteShown', site } });
    desk.start(() => connect(desk, { site, password: '', keepsPassword: false }));
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
