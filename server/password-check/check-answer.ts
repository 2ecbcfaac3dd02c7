import type { ExternalSettings } from '../accounts/external-settings.ts';
import { readAccountSettings } from './account-settings.ts';
import { AnswerError } from './answer-error.ts';

/**
 * Reads what the password check has answered: `{"ok":false}`, or `{"ok":true}` with settings in `account`.
 *
 * @returns the settings; undefined if the password is wrong.
 * @throws AnswerError for anything else, because a misunderstood answer must not let anyone in.
 */
export function readAnswer(text: string): ExternalSettings | undefined {
  const answer = objectIn(text);
  const { ok, account, ...others } = answer;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new AnswerError(`unknown member ${JSON.stringify(unknown)}`);
  if (typeof ok !== 'boolean') throw new AnswerError('"ok" must be true or false');
  if (!ok) {
    if (account === undefined) return undefined;
    throw new AnswerError('"account" goes with "ok": true only');
  }
  return account === undefined ? {} : readAccountSettings(account);
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  const answer = jsonIn(text);
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer))
    return answer as Readonly<Record<string, unknown>>;
  throw new AnswerError('expected an object such as {"ok":false}');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AnswerError(text.trim() === '' ? 'it is empty' : 'it is not JSON');
  }
}
