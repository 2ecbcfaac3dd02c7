import { formValue, textEntry } from '../state/form.ts';
import type { Desk } from './desk.ts';

/** A new password for the account that is logged in. */
export async function changePassword(desk: Desk): Promise<void> {
  const session = desk.online?.session;
  if (session === undefined) return;
  if (!session.isSecure) {
    desk.tell('A new password is not sent in clear: connect with TLS.', 'bad');
    return;
  }
  const answer = await desk.sheets.ask({
    type: 'form',
    topic: 'password',
    title: `New password for ${session.site.username}`,
    message: '',
    form: {
      focus: 0,
      entries: [
        textEntry('now', 'Now', { isSecret: true }),
        textEntry('new', 'New', { isSecret: true, hint: '8 characters or more' }),
        textEntry('again', 'Again', { isSecret: true }),
        { type: 'button', name: 'change', label: 'Change' },
        { type: 'button', name: 'back', label: 'Back' },
      ],
    },
  });
  if (answer?.type !== 'pressed' || answer.button !== 'change') return;
  const [now, next, again] = ['now', 'new', 'again'].map((name) => formValue(answer.form, name));
  if (next === undefined || next !== again) {
    desk.tell('The new passwords are not the same; nothing was changed.', 'bad');
    return;
  }
  await session.changePassword(now ?? '', next);
  desk.tell('The password is changed.', 'good');
}
