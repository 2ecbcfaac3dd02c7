import type { Site, TlsMode } from '../sites/site.ts';
import { hasSettings, SITE_SETTINGS } from '../sites/site-settings.ts';
import {
  type Form,
  type FormEntry,
  formValue,
  isFormChecked,
  textEntry,
  updateForm,
} from './form.ts';
import { shownPath } from './shown-path.ts';

export const SIGN_UP: FormEntry = { type: 'button', name: 'signUp', label: 'Create account' };

/** Its place is taken by the settings once it is checked. */
const MORE: FormEntry = {
  type: 'check',
  name: 'more',
  label: 'more: proxy, limit, data host',
  isChecked: false,
};

/** As the form has them. */
export const DEFAULT_PORT_TEXTS: Readonly<Record<TlsMode, string>> = {
  explicit: '21',
  implicit: '990',
  none: '21',
};

const NO_SITE: Site = {
  id: '',
  name: undefined,
  host: '',
  port: 21,
  tls: 'explicit',
  username: '',
  remotePath: undefined,
  localPath: undefined,
};

/** The form to connect with, filled in from a site as far as one is given. */
export function loginForm(given: Partial<Site>, home: string): Form {
  const site = { ...NO_SITE, ...given };
  const form: Form = {
    focus: 0,
    entries: [
      textEntry('host', 'Server', { text: site.host }),
      textEntry('port', 'Port', { text: String(site.port) }),
      {
        type: 'option',
        name: 'tls',
        label: 'Security',
        value: site.tls,
        options: [
          { value: 'explicit', label: 'TLS' },
          { value: 'implicit', label: 'implicit TLS' },
          { value: 'none', label: 'none' },
        ],
      },
      textEntry('username', 'User', { text: site.username }),
      textEntry('password', 'Password', { isSecret: true }),
      { type: 'check', name: 'keep', label: 'save in the keyring', isChecked: false },
      textEntry('remotePath', 'Remote', { text: site.remotePath ?? '' }),
      textEntry('localPath', 'Local', {
        text: shownPath({ place: 'local', path: site.localPath ?? '' }, home),
      }),
      MORE,
      { type: 'button', name: 'connect', label: 'Connect' },
      SIGN_UP,
      { type: 'button', name: 'save', label: 'Save' },
    ],
  };
  return hasSettings(site) ? withSettings(form, site) : form;
}

/** The form as it is after a change: with the settings if they were asked for, and with the usual port. */
export function afterChange(before: Form, changed: Form): Form {
  const after = withUsualPort(before, changed);
  if (!isFormChecked(after, MORE.name)) return withHints(after);
  const [first] = SITE_SETTINGS;
  return updateForm(withSettings(after, NO_SITE), { type: 'focused', name: first?.name ?? '' });
}

function withSettings(form: Form, site: Site): Form {
  const at = form.entries.findIndex(({ name }) => name === MORE.name);
  const fields = SITE_SETTINGS.map((setting) =>
    textEntry(setting.name, setting.label, { text: setting.text(site) }),
  );
  return withHints({ ...form, entries: form.entries.toSpliced(at, 1, ...fields) });
}

/** A hint has room beside an empty field only. */
function withHints(form: Form): Form {
  return SITE_SETTINGS.reduce((hinted, { name, hint }) => {
    const shown = formValue(hinted, name) === '' ? hint : '';
    return updateForm(hinted, { type: 'hinted', name, hint: shown });
  }, form);
}

/** It follows the kind of security until another one was typed. */
function withUsualPort(before: Form, after: Form): Form {
  const tls = formValue(after, 'tls') as TlsMode;
  const wasTls = formValue(before, 'tls') as TlsMode;
  if (tls === wasTls || formValue(after, 'port') !== DEFAULT_PORT_TEXTS[wasTls]) return after;
  return updateForm(after, { type: 'filledIn', name: 'port', value: DEFAULT_PORT_TEXTS[tls] });
}
