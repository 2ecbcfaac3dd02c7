import type { ExternalLogin } from '../accounts/external-logins.ts';
import type { HookTarget } from '../hooks/hook-target.ts';
import { postSigned } from '../hooks/post-signed.ts';
import { readText } from '../hooks/read-text.ts';
import { runProgram } from '../hooks/run-program.ts';

const MAX_ANSWER_BYTES = 65_536;

interface Question {
  readonly login: ExternalLogin;
  /** Key of signatures; empty if there is none. */
  readonly secret: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a program or URL about a password, which it gets in JSON on standard input or in the body.
 *
 * @returns the text of the answer.
 * @throws Error that says why there is none.
 */
export async function askCheck(target: HookTarget, question: Question): Promise<string> {
  const { login, secret, nowMs, signal } = question;
  const body = JSON.stringify(login);
  if (target.kind === 'program') {
    const options = { input: `${body}\n`, variables: {}, maxOutputBytes: MAX_ANSWER_BYTES };
    return await runProgram(target.file, { ...options, signal });
  }
  const response = await postSigned(target.url, { body, secret, nowMs, signal });
  return await readText(response.body ?? [], MAX_ANSWER_BYTES);
}
