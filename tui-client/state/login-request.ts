import type { Site, TlsMode } from '../sites/site.ts';
import { SITE_SETTINGS } from '../sites/site-settings.ts';
import { type Form, formValue, isFormChecked } from './form.ts';

interface LoginRequest {
  readonly site: Site;
  readonly password: string;
  readonly keepsPassword: boolean;
}

/** What cannot be used, and in which field. */
interface WrongField {
  readonly wrong: string;
  readonly message: string;
}

/**
 * What the form says, or what is wrong with it and where.
 *
 * @param shown the site that the form was filled in from: what the form has no field for stays.
 */
export function loginRequest(form: Form, shown?: Site): LoginRequest | WrongField {
  const host = formValue(form, 'host').trim();
  const username = formValue(form, 'username').trim() || 'anonymous';
  const port = Number(formValue(form, 'port'));
  if (host === '' || /[\s/@]/.test(host)) {
    return { wrong: 'host', message: 'Enter the name or address of a server.' };
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return { wrong: 'port', message: 'Enter a port from 1 to 65535.' };
  }
  const settings = settingsIn(form);
  if ('wrong' in settings) return settings;
  return {
    site: {
      ...(shown?.host === host ? shown : {}),
      id: `${username}@${host}:${port}`,
      name: undefined,
      host,
      port,
      tls: formValue(form, 'tls') as TlsMode,
      username,
      remotePath: formValue(form, 'remotePath').trim() || undefined,
      localPath: formValue(form, 'localPath').trim() || undefined,
      ...settings,
    },
    password: formValue(form, 'password'),
    keepsPassword: isFormChecked(form, 'keep'),
  };
}

function settingsIn(form: Form): Partial<Site> | WrongField {
  let settings: Partial<Site> = {};
  for (const { name, read, unset } of SITE_SETTINGS) {
    if (!form.entries.some((entry) => entry.name === name)) continue;
    const text = formValue(form, name).trim();
    try {
      settings = { ...settings, ...(text === '' ? unset : read(text)) };
    } catch (error) {
      return { wrong: name, message: (error as Error).message };
    }
  }
  return settings;
}
