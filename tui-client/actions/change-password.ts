import type { Using } from '../context/app-context.ts';
import { formValue, textEntry } from '../state/form.ts';

/** A new password for the account that is logged in. */
export async function changePassword(app: Using<'ui' | 'dialogs' | 'connection'>): Promise<void> {
  const session = app.connection.active?.session;
  if (session === undefined) return;
  if (!session.isSecure) {
    app.ui.notify('Changing the password requires TLS; it would be sent unencrypted.', 'bad');
    return;
  }
  const answer = await app.dialogs.ask({
    type: 'form',
    topic: 'password',
    title: `New password for ${session.site.username}`,
    message: '',
    form: {
      focus: 0,
      entries: [
        textEntry('now', 'Current', { isSecret: true }),
        textEntry('new', 'New', { isSecret: true, hint: 'at least 8 characters' }),
        textEntry('again', 'Confirm', { isSecret: true }),
        { type: 'button', name: 'change', label: 'Change' },
        { type: 'button', name: 'back', label: 'Back' },
      ],
    },
  });
  if (answer?.type !== 'pressed' || answer.button !== 'change') return;
  const [now, next, again] = ['now', 'new', 'again'].map((name) => formValue(answer.form, name));
  if (next === undefined || next !== again) {
    app.ui.notify('The new passwords do not match; nothing was changed.', 'bad');
    return;
  }
  await session.changePassword(now ?? '', next);
  app.ui.notify('Password changed.', 'good');
}
