import type { Site } from '../sites/site.ts';
import { type Form, type FormEvent, formValue, isFormChecked, updateForm } from './form.ts';
import { type ListBox, type ListEvent, newListBox, updateList } from './list-box.ts';
import { afterChange, DEFAULT_PORT_TEXTS, loginForm, SIGN_UP } from './login-form.ts';
import { serverTakenApart } from './pasted-server.ts';

/** The first screen: bookmarks beside a form. */
export interface Login {
  readonly sites: readonly Site[];
  readonly list: ListBox;
  readonly part: 'sites' | 'form';
  readonly form: Form;
  /** The site that the form was filled in from; undefined if it was typed. */
  readonly shown: Site | undefined;
  readonly isConnecting: boolean;
  /** Servers that are known to have no sign-up, as `host:port`. */
  readonly withoutSignUp: ReadonlySet<string>;
  /** What went wrong, or what is being done. */
  readonly message: string;
  readonly tone: 'calm' | 'bad';
  /** Of the user: written as `~` in the form. */
  readonly home: string;
}

export type LoginEvent =
  | { readonly type: 'sitesLoaded'; readonly sites: readonly Site[] }
  | { readonly type: 'partChanged'; readonly part: Login['part'] }
  | { readonly type: 'list'; readonly event: ListEvent }
  | { readonly type: 'form'; readonly event: FormEvent }
  /** The form shows this site. */
  | { readonly type: 'siteShown'; readonly site: Site }
  /** What stands in the field for the server is complete: a URL is taken apart. */
  | { readonly type: 'serverTyped' }
  | { readonly type: 'connecting'; readonly message: string }
  | { readonly type: 'connected' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'told'; readonly message: string }
  /** This server has no sign-up. */
  | { readonly type: 'signUpMissed'; readonly site: Site };

export function newLogin({ localPath, home }: { localPath: string; home: string }): Login {
  return {
    sites: [],
    list: newListBox([]),
    part: 'form',
    form: loginForm({ localPath }, home),
    shown: undefined,
    isConnecting: false,
    withoutSignUp: new Set(),
    message: '',
    tone: 'calm',
    home,
  };
}

export function updateLogin(login: Login, event: LoginEvent): Login {
  return offeringSignUp(updated(login, event));
}

function updated(login: Login, event: LoginEvent): Login {
  switch (event.type) {
    case 'sitesLoaded': {
      const items = event.sites.map((site) => ({
        id: site.id,
        columns: site.name === undefined ? recentColumns(site) : [site.name, site.host],
      }));
      // Who types already is not interrupted.
      const isFirst = login.sites.length === 0 && isUntouched(login.form);
      const part = isFirst ? 'sites' : login.part;
      const list = updateList(login.list, { type: 'replaced', items });
      return { ...login, sites: event.sites, list, part: items.length === 0 ? 'form' : part };
    }
    case 'partChanged':
      return login.sites.length === 0 ? { ...login, part: 'form' } : { ...login, part: event.part };
    case 'list':
      return { ...login, list: updateList(login.list, event.event) };
    case 'form':
      return formChanged(login, event.event);
    case 'serverTyped':
      return withServerTakenApart({ ...login, tone: 'calm' });
    case 'siteShown':
      return siteShown(login, event.site);
    case 'connecting':
      return { ...login, isConnecting: true, message: event.message, tone: 'calm' };
    case 'connected':
      return { ...login, isConnecting: false, message: '', tone: 'calm' };
    case 'failed':
      return { ...login, isConnecting: false, message: event.message, tone: 'bad' };
    case 'told':
      return { ...login, message: event.message, tone: 'calm' };
    case 'signUpMissed': {
      const { host, port } = event.site;
      return { ...login, withoutSignUp: new Set([...login.withoutSignUp, `${host}:${port}`]) };
    }
  }
}

export function siteUnderCursor(login: Login): Site | undefined {
  const id = login.list.shown[login.list.cursor]?.id;
  return login.sites.find((site) => site.id === id);
}

/** No account can be created at a server that is known to have no sign-up. */
function offeringSignUp(login: Login): Login {
  const { form, withoutSignUp } = login;
  const address = `${formValue(form, 'host').trim()}:${formValue(form, 'port')}`;
  const isOffered = !withoutSignUp.has(address);
  if (form.entries.includes(SIGN_UP) === isOffered) return login;
  const entries = isOffered
    ? form.entries.toSpliced(-1, 0, SIGN_UP)
    : form.entries.filter((entry) => entry !== SIGN_UP);
  const focused = form.entries[form.focus];
  const name = focused === undefined || focused === SIGN_UP ? 'connect' : focused.name;
  return { ...login, form: updateForm({ ...form, entries }, { type: 'focused', name }) };
}

function recentColumns({ host, port, tls, username }: Site): readonly string[] {
  const address = String(port) === DEFAULT_PORT_TEXTS[tls] ? host : `${host}:${port}`;
  return [address, `recent, ${username}`];
}

function isUntouched(form: Form): boolean {
  return form.focus === 0 && formValue(form, 'host') === '';
}

function siteShown(login: Login, site: Site): Login {
  const isChecked = isFormChecked(login.form, 'keep');
  const form = updateForm(loginForm(site, login.home), {
    type: 'checked',
    name: 'keep',
    isChecked,
  });
  return { ...login, form, shown: site };
}

function formChanged(login: Login, event: FormEvent): Login {
  const changed = { ...login, form: afterChange(login.form, updateForm(login.form, event)) };
  const isPasted =
    event.type === 'edited' && event.edit.type === 'insert' && event.edit.text.length > 1;
  return isPasted || event.type === 'focusMoved' ? withServerTakenApart(changed) : changed;
}

function withServerTakenApart(login: Login): Login {
  const { form, problem } = serverTakenApart(login.form);
  return problem === undefined ? { ...login, form } : { ...login, message: problem, tone: 'bad' };
}
