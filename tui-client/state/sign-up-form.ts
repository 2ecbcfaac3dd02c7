import { type Form, formValue, textEntry, updateForm } from './form.ts';

const MIN_PASSWORD_LENGTH = 8;
const STRONG_PASSWORD = 14;

/** What an account needs, with what was typed for a login: no invite, until the server asks for one. */
export function signUpForm(username: string, password = ''): Form {
  return withSignUpHints({
    focus: username === '' ? 0 : password === '' ? 1 : 2,
    entries: [
      textEntry('username', 'User', { text: username }),
      textEntry('password', 'Password', { text: password, isSecret: true }),
      textEntry('again', 'Confirm', { isSecret: true }),
      { type: 'button', name: 'create', label: 'Create and log in' },
      { type: 'button', name: 'back', label: 'Back' },
    ],
  });
}

/** The form with a field for an invite. */
export function withInvite(form: Form): Form {
  if (form.entries.some(({ name }) => name === 'invite')) return form;
  const at = form.entries.findIndex(({ type }) => type === 'button');
  const invite = textEntry('invite', 'Invite', { hint: 'required by this server' });
  return { ...form, entries: form.entries.toSpliced(at, 0, invite) };
}

/** The form with what is to be said about each field as it is now. */
export function withSignUpHints(form: Form): Form {
  const password = formValue(form, 'password');
  const again = formValue(form, 'again');
  const hints = {
    username: '3 to 32 characters: letters, digits, . _ -',
    password: strengthOf(password),
    again: again === '' ? '' : again === password ? 'matches' : 'does not match',
  };
  return Object.entries(hints).reduce(
    (hinted, [name, hint]) => updateForm(hinted, { type: 'hinted', name, hint }),
    form,
  );
}

/** Why it cannot be sent; undefined if it can. */
export function signUpProblem(form: Form): string | undefined {
  const password = formValue(form, 'password');
  if (formValue(form, 'username').trim() === '') return 'Enter a username.';
  if (password.length < MIN_PASSWORD_LENGTH) {
    return `A password has at least ${MIN_PASSWORD_LENGTH} characters.`;
  }
  return password === formValue(form, 'again') ? undefined : 'The passwords do not match.';
}

function strengthOf(password: string): string {
  if (password.length < MIN_PASSWORD_LENGTH) return `at least ${MIN_PASSWORD_LENGTH} characters`;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password));
  const isStrong = password.length >= STRONG_PASSWORD || kinds.length >= 3;
  return isStrong && new Set(password).size > 5 ? 'strong' : 'weak: use a longer one';
}
