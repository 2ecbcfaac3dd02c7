import type { Site, TlsMode } from '../sites/site.ts';
import {
  type Form,
  type FormEntry,
  type FormEvent,
  formValue,
  isFormChecked,
  textEntry,
  updateForm,
} from './form.ts';
import { type ListBox, type ListEvent, newListBox, updateList } from './list-box.ts';
import { serverTakenApart } from './pasted-server.ts';
import { shownPath } from './shown-path.ts';
import { WIRE_ENTRIES, wireSettings, wireValues } from './wire-form.ts';

/** The first screen: bookmarks beside a form. */
export interface Login {
  readonly sites: readonly Site[];
  readonly list: ListBox;
  readonly part: 'sites' | 'form';
  readonly form: Form;
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

const SIGN_UP: FormEntry = { type: 'button', name: 'signUp', label: 'Create account' };

const DEFAULT_PORTS: Readonly<Record<TlsMode, string>> = {
  explicit: '21',
  implicit: '990',
  none: '21',
};

export function newLogin({ localPath, home }: { localPath: string; home: string }): Login {
  return {
    sites: [],
    list: newListBox([]),
    part: 'form',
    form: {
      focus: 0,
      entries: [
        textEntry('host', 'Server'),
        textEntry('port', 'Port', { text: '21' }),
        {
          type: 'option',
          name: 'tls',
          label: 'Security',
          value: 'explicit',
          options: [
            { value: 'explicit', label: 'TLS' },
            { value: 'implicit', label: 'implicit TLS' },
            { value: 'none', label: 'none' },
          ],
        },
        textEntry('username', 'User'),
        textEntry('password', 'Password', { isSecret: true }),
        {
          type: 'check',
          name: 'keep',
          label: 'keep it in the keyring',
          isChecked: false,
        },
        textEntry('remotePath', 'Remote'),
        textEntry('localPath', 'Local', {
          text: shownPath({ place: 'local', path: localPath }, home),
        }),
        ...WIRE_ENTRIES,
        { type: 'button', name: 'connect', label: 'Connect' },
        SIGN_UP,
        { type: 'button', name: 'save', label: 'Save' },
      ],
    },
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
      const part = login.sites.length === 0 && items.length > 0 ? 'sites' : login.part;
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
      return { ...login, form: formOf(login, event.site) };
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

interface LoginRequest {
  readonly site: Site;
  readonly password: string;
  readonly keepsPassword: boolean;
}

/** What the form says, or what is wrong with it and where. */
export function loginRequest(
  form: Form,
): LoginRequest | { readonly wrong: string; readonly message: string } {
  const host = formValue(form, 'host').trim();
  const username = formValue(form, 'username').trim() || 'anonymous';
  const port = Number(formValue(form, 'port'));
  if (host === '' || /[\s/@]/.test(host)) {
    return { wrong: 'host', message: 'Type the name or address of a server.' };
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return { wrong: 'port', message: 'A port is a number from 1 to 65535.' };
  }
  const wire = wireSettings(form);
  if ('wrong' in wire) return wire;
  return {
    site: {
      id: `${username}@${host}:${port}`,
      name: undefined,
      host,
      port,
      tls: formValue(form, 'tls') as TlsMode,
      username,
      remotePath: formValue(form, 'remotePath').trim() || undefined,
      localPath: formValue(form, 'localPath').trim() || undefined,
      ...wire,
    },
    password: formValue(form, 'password'),
    keepsPassword: isFormChecked(form, 'keep'),
  };
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
  const address = String(port) === DEFAULT_PORTS[tls] ? host : `${host}:${port}`;
  return [address, `recent, ${username}`];
}

function formChanged(login: Login, event: FormEvent): Login {
  const changed = { ...login, form: withPortOf(login.form, updateForm(login.form, event)) };
  const isPasted =
    event.type === 'edited' && event.edit.type === 'insert' && event.edit.text.length > 1;
  return isPasted || event.type === 'focusMoved' ? withServerTakenApart(changed) : changed;
}

function withServerTakenApart(login: Login): Login {
  const { form, problem } = serverTakenApart(login.form);
  return problem === undefined ? { ...login, form } : { ...login, message: problem, tone: 'bad' };
}

/** The usual port follows the kind of security until another one was typed. */
function withPortOf(before: Form, after: Form): Form {
  const tls = formValue(after, 'tls') as TlsMode;
  const wasTls = formValue(before, 'tls') as TlsMode;
  if (tls === wasTls || formValue(after, 'port') !== DEFAULT_PORTS[wasTls]) return after;
  return updateForm(after, { type: 'filledIn', name: 'port', value: DEFAULT_PORTS[tls] });
}

function formOf({ form, home }: Login, site: Site): Form {
  const values = {
    host: site.host,
    port: String(site.port),
    tls: site.tls,
    username: site.username,
    password: '',
    remotePath: site.remotePath ?? '',
    localPath: shownPath({ place: 'local', path: site.localPath ?? '' }, home),
    ...wireValues(site),
  };
  return Object.entries(values).reduce(
    (filled, [name, value]) => updateForm(filled, { type: 'filledIn', name, value }),
    form,
  );
}
