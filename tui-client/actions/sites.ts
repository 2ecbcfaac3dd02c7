import type { AppContext, Using } from '../context/app-context.ts';
import type { Site } from '../sites/site.ts';
import { siteUnderCursor } from '../state/login.ts';
import { loginRequest } from '../state/login-request.ts';
import { connect } from './connect.ts';
import { loadSites } from './load-sites.ts';
import { signUpFor } from './sign-up.ts';

export async function connectToSite(app: AppContext): Promise<void> {
  const site = siteUnderCursor(app.ui.get().login);
  if (site !== undefined) await connect(app, { site, password: '', keepsPassword: false });
}

/** An empty form. */
export function newSite(app: Using<'ui'>): void {
  const empty: Site = {
    id: '',
    name: undefined,
    host: '',
    port: 21,
    tls: 'explicit',
    username: '',
    remotePath: undefined,
    localPath: app.ui.get().panes.left.path,
  };
  showInForm(app, empty);
}

export function editSite(app: Using<'ui'>): void {
  const site = siteUnderCursor(app.ui.get().login);
  if (site !== undefined) showInForm(app, site);
}

/** Forgets a bookmark, after asking. */
export async function deleteSite(app: Using<'ui' | 'dialogs' | 'services'>): Promise<void> {
  const site = siteUnderCursor(app.ui.get().login);
  if (site === undefined) return;
  if (site.name === undefined) {
    await app.services.recent.remove(site);
    await loadSites(app);
    return;
  }
  const chosen = await app.dialogs.choose({
    topic: 'site',
    title: `Delete the site ${site.name}?`,
    tone: 'danger',
    lines: [`${site.username}@${site.host}:${site.port}`, 'Nothing is deleted on the server.'],
    choices: [{ id: 'forget', keys: ['y'], label: 'delete' }],
    escape: 'keep',
  });
  if (chosen === undefined) return;
  await app.services.bookmarks.remove(site.name);
  await loadSites(app);
}

export function pressLoginButton(app: AppContext, button: string): void {
  const { form, shown } = app.ui.get().login;
  const request = loginRequest(form, shown);
  if ('wrong' in request) {
    app.ui.dispatch(
      { type: 'login', event: { type: 'failed', message: request.message } },
      {
        type: 'login',
        event: { type: 'form', event: { type: 'focused', name: request.wrong } },
      },
    );
    return;
  }
  const site = withHome(app, request.site);
  if (button === 'connect') app.tasks.start(() => connect(app, { ...request, site }));
  if (button === 'signUp') app.tasks.start(() => signUpFor(app, site, request.password));
  if (button === 'save') {
    const name = shown?.host === site.host ? shown.name : undefined;
    app.tasks.start(() => saveSite(app, site, { ...request, name }));
  }
}

/** Saves the server that the files are of. */
export async function saveServer(
  app: Using<'ui' | 'dialogs' | 'connection' | 'services'>,
): Promise<void> {
  const site = app.connection.active?.session.site;
  if (site === undefined) return;
  if (site.name !== undefined) app.ui.notify(`This server is already saved as ${site.name}.`);
  else await saveSite(app, site, { password: '', keepsPassword: false });
}

interface SaveOptions {
  readonly password: string;
  readonly keepsPassword: boolean;
  /** Of the site that is edited. */
  readonly name?: string | undefined;
}

/** Keeps what the form says under a name. */
async function saveSite(
  app: Using<'ui' | 'dialogs' | 'services'>,
  site: Site,
  { password, keepsPassword, name: suggested = nameFor(site.host) }: SaveOptions,
): Promise<void> {
  const name = await app.dialogs.prompt({
    topic: 'site',
    title: 'Save as a site',
    label: 'Name',
    text: suggested,
    hint: 'Letters, digits, . _ -',
  });
  if (name === undefined || name === '') return;
  await app.services.bookmarks.save({ ...site, id: name, name });
  if (keepsPassword && password !== '') {
    await app.services.passwords.keep(site, password);
  }
  await app.services.recent.remove(site);
  await loadSites(app);
  const message = `Saved. You can also connect with "myftp-tui ${name}".`;
  app.ui.dispatch({ type: 'login', event: { type: 'told', message } });
  if (app.ui.get().screen !== 'login') app.ui.notify(message, 'good');
}

/** A word of the host's name; an address has none. */
function nameFor(host: string): string {
  if (/^[\d.]+$|:/.test(host)) return '';
  return host.split('.').find((part) => part !== 'ftp' && part !== 'www') ?? '';
}

function showInForm(app: Using<'ui'>, site: Site): void {
  app.ui.dispatch(
    { type: 'login', event: { type: 'siteShown', site } },
    { type: 'login', event: { type: 'partChanged', part: 'form' } },
    { type: 'login', event: { type: 'form', event: { type: 'focused', name: 'host' } } },
  );
}

function withHome(app: Using<'services'>, site: Site): Site {
  const { localPath } = site;
  return { ...site, localPath: localPath?.replace(/^~(?=\/|$)/, app.services.paths.home) };
}
