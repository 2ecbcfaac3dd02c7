import type { Site } from '../sites/site.ts';
import { siteUnderCursor } from '../state/login.ts';
import { loginRequest } from '../state/login-request.ts';
import { connect } from './connect.ts';
import type { Desk } from './desk.ts';
import { loadSites } from './load-sites.ts';
import { signUpFor } from './sign-up.ts';

export async function connectToSite(desk: Desk): Promise<void> {
  const site = siteUnderCursor(desk.store.get().login);
  if (site !== undefined) await connect(desk, { site, password: '', keepsPassword: false });
}

/** An empty form. */
export function newSite(desk: Desk): void {
  const empty: Site = {
    id: '',
    name: undefined,
    host: '',
    port: 21,
    tls: 'explicit',
    username: '',
    remotePath: undefined,
    localPath: desk.store.get().panes.left.path,
  };
  showInForm(desk, empty);
}

export function editSite(desk: Desk): void {
  const site = siteUnderCursor(desk.store.get().login);
  if (site !== undefined) showInForm(desk, site);
}

/** Forgets a bookmark, after asking. */
export async function deleteSite(desk: Desk): Promise<void> {
  const site = siteUnderCursor(desk.store.get().login);
  if (site === undefined) return;
  if (site.name === undefined) {
    await desk.services.recent.remove(site);
    await loadSites(desk);
    return;
  }
  const chosen = await desk.sheets.choose({
    type: 'choice',
    topic: 'site',
    title: `Forget the site ${site.name}?`,
    tone: 'danger',
    lines: [`${site.username}@${site.host}:${site.port}`, 'Nothing is deleted on the server.'],
    top: 0,
    choices: [{ id: 'forget', keys: ['y'], label: 'forget' }],
    escape: 'keep',
    check: undefined,
  });
  if (chosen === undefined) return;
  await desk.services.bookmarks.remove(site.name);
  await loadSites(desk);
}

export function pressLoginButton(desk: Desk, button: string): void {
  const { form, shown } = desk.store.get().login;
  const request = loginRequest(form, shown);
  if ('wrong' in request) {
    desk.store.dispatch(
      { type: 'login', event: { type: 'failed', message: request.message } },
      {
        type: 'login',
        event: { type: 'form', event: { type: 'focused', name: request.wrong } },
      },
    );
    return;
  }
  const site = withHome(desk, request.site);
  if (button === 'connect') desk.start(() => connect(desk, { ...request, site }));
  if (button === 'signUp') desk.start(() => signUpFor(desk, site, request.password));
  if (button === 'save') {
    const name = shown?.host === site.host ? shown.name : undefined;
    desk.start(() => saveSite(desk, site, { ...request, name }));
  }
}

/** Saves the server that the files are of. */
export async function saveServer(desk: Desk): Promise<void> {
  const site = desk.online?.session.site;
  if (site === undefined) return;
  if (site.name !== undefined) desk.tell(`This server is the site ${site.name} already.`);
  else await saveSite(desk, site, { password: '', keepsPassword: false });
}

interface SaveOptions {
  readonly password: string;
  readonly keepsPassword: boolean;
  /** Of the site that is edited. */
  readonly name?: string | undefined;
}

/** Keeps what the form says under a name. */
async function saveSite(
  desk: Desk,
  site: Site,
  { password, keepsPassword, name: suggested = nameFor(site.host) }: SaveOptions,
): Promise<void> {
  const name = await desk.sheets.prompt({
    topic: 'site',
    title: 'Save as a site',
    label: 'Name',
    text: suggested,
    hint: 'Letters, digits, . _ -',
  });
  if (name === undefined || name === '') return;
  await desk.services.bookmarks.save({ ...site, id: name, name });
  if (keepsPassword && password !== '') {
    await desk.services.passwords.keep(site, password);
  }
  await desk.services.recent.remove(site);
  await loadSites(desk);
  const message = `Saved. "myftp-tui ${name}" goes there, too.`;
  desk.store.dispatch({ type: 'login', event: { type: 'told', message } });
  if (desk.store.get().screen !== 'login') desk.tell(message, 'good');
}

/** A word of the host's name; an address has none. */
function nameFor(host: string): string {
  if (/^[\d.]+$|:/.test(host)) return '';
  return host.split('.').find((part) => part !== 'ftp' && part !== 'www') ?? '';
}

function showInForm(desk: Desk, site: Site): void {
  desk.store.dispatch(
    { type: 'login', event: { type: 'siteShown', site } },
    { type: 'login', event: { type: 'partChanged', part: 'form' } },
    { type: 'login', event: { type: 'form', event: { type: 'focused', name: 'host' } } },
  );
}

function withHome(desk: Desk, site: Site): Site {
  const { localPath } = site;
  return { ...site, localPath: localPath?.replace(/^~(?=\/|$)/, desk.services.paths.home) };
}
