import { parseTarget, TargetError } from '../sites/target.ts';
import { type Form, formValue, updateForm } from './form.ts';

interface TakenApart {
  readonly form: Form;
  /** What is wrong with the URL; undefined if nothing is. */
  readonly problem: string | undefined;
}

/** A password in a URL: it goes into its own field, which does not show it. */
const CREDENTIALS = /^(\s*[a-z][a-z0-9+.-]*:\/\/[^/@:]*):([^/]*)@/i;
const HOST_AND_PORT = /^\s*([^\s:/@[\]]+):(\d{1,5})\s*$/;

/** Takes a URL, or `host:port`, in the field for the server apart and fills the other fields in. */
export function serverTakenApart(form: Form): TakenApart {
  const text = formValue(form, 'host');
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  if (host !== undefined && port !== undefined) {
    return { form: filledIn(form, { host, port }), problem: undefined };
  }
  if (!text.includes('://')) return { form, problem: undefined };
  const [, , password] = CREDENTIALS.exec(text) ?? [];
  try {
    const target = parseTarget(text.trim().replace(CREDENTIALS, '$1@'));
    if (target.kind !== 'url') return { form, problem: undefined };
    // Most servers with ftp:// in their documents have TLS; the choice stays where it was made for plain FTP.
    const isPlain = target.tls === 'explicit' && formValue(form, 'tls') === 'none';
    const values = {
      host: target.host,
      tls: isPlain ? 'none' : target.tls,
      port: String(target.port),
      ...(target.username === undefined ? {} : { username: target.username }),
      ...(password === undefined ? {} : { password: decoded(password) }),
      ...(target.path === undefined ? {} : { remotePath: target.path }),
    };
    return { form: filledIn(form, values), problem: undefined };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { form, problem: error.message };
  }
}

function filledIn(form: Form, values: Readonly<Record<string, string>>): Form {
  return Object.entries(values).reduce(
    (filled, [name, value]) => updateForm(filled, { type: 'filledIn', name, value }),
    form,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
