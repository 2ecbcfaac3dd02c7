import type { AppContext, Using } from '../context/app-context.ts';
import { askForTrust } from '../dialogs/trust-certificate.ts';
import { failureText, isCancelled } from '../errors/failure-text.ts';
import { NO_SIGN_UP, signUp } from '../remote/connection/sign-up.ts';
import type { Site } from '../sites/site.ts';
import type { DialogAnswer } from '../state/dialog-keys.ts';
import { type Form, formValue, updateForm } from '../state/form.ts';
import { signUpForm, signUpProblem, withInvite } from '../state/sign-up-form.ts';
import { goOnline } from './go-online.ts';
import { proxyLogin } from './proxy-login.ts';
import { rememberServer } from './remember-server.ts';

/** Asks for what an account needs, makes it, and logs in. What is refused can be mended and sent again. */
export async function signUpFor(app: AppContext, site: Site, password = ''): Promise<void> {
  if (site.tls === 'none') {
    app.ui.dispatch({
      type: 'login',
      event: {
        type: 'failed',
        message: 'Creating an account requires TLS; the password would be sent unencrypted.',
      },
    });
    return;
  }
  let form: Form = signUpForm(site.username === 'anonymous' ? '' : site.username, password);
  let message = '';
  for (;;) {
    const answer = await askForAccount(app, { site, form, message });
    if (answer?.type !== 'pressed' || answer.button !== 'create') return;
    form = answer.form;
    message = signUpProblem(form) ?? (await tryToSignUp(app, site, form)) ?? '';
    if (message === '' || message === NO_SIGN_UP) return;
    if (fieldFor(message) === 'invite') form = withInvite(form);
    form = updateForm(form, { type: 'focused', name: fieldFor(message) });
  }
}

function askForAccount(
  app: Using<'dialogs'>,
  { site, form, message }: { site: Site; form: Form; message: string },
): Promise<DialogAnswer | undefined> {
  return app.dialogs.ask({
    type: 'form',
    topic: 'sign-up',
    title: `New account on ${site.host}`,
    form,
    message,
  });
}

/** What is wrong; undefined if all went well. */
async function tryToSignUp(app: AppContext, site: Site, form: Form): Promise<string | undefined> {
  const username = formValue(form, 'username');
  const account: Site = { ...site, username, id: `${username}@${site.host}:${site.port}` };
  app.ui.dispatch({
    type: 'login',
    event: { type: 'connecting', message: `Creating an account on ${site.host} …` },
  });
  try {
    const pinned = await app.services.pins.find(site);
    const session = await app.tasks.run((signal) =>
      signUp(account, {
        password: async () => formValue(form, 'password'),
        invite: formValue(form, 'invite').trim() || undefined,
        trust: (facts) => askForTrust(app, facts),
        pinned,
        log: app.connection.conversation.listener(),
        via: proxyLogin(app, account),
        signal,
      }),
    );
    await goOnline(app, session);
    app.ui.dispatch({ type: 'login', event: { type: 'connected' } });
    await rememberServer(app, account);
    app.ui.notify(`Account ${username} created.`, 'good');
    return undefined;
  } catch (error) {
    const message = isCancelled(error) ? 'Cancelled.' : failureText(error);
    app.ui.dispatch({ type: 'login', event: { type: 'failed', message } });
    if (message === NO_SIGN_UP) {
      app.ui.dispatch({ type: 'login', event: { type: 'signUpMissed', site } });
    }
    return message;
  }
}

/** Where the server's words point to. */
function fieldFor(message: string): string {
  if (/invite/i.test(message)) return 'invite';
  return /password|characters/i.test(message) ? 'password' : 'username';
}
