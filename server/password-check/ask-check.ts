import type { ExternalLogin } from '../accounts/external-logins.ts';
import type { HookTarget } from '../hooks/hook-target.ts';
import { postSigned } from '../hooks/post-signed.ts';
import type { Programs } from '../programs/program-run.ts';
import { readText } from '../programs/read-text.ts';

const MAX_ANSWER_BYTES = 65_536;

interface Question {
  readonly login: ExternalLogin;
  /** Key of signatures; empty if there is none. */
  readonly secret: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly programs: Pick<Programs, 'run'>;
}

/**
 * Asks a program or URL about a password, which it gets in JSON on standard input or in the body.
 *
 * @returns the text of the answer.
 * @throws Error that says why there is none.
 */
export async function askCheck(target: HookTarget, question: Question): Promise<string> {
  const { login, secret, nowMs, signal, programs } = question;
  const body = JSON.stringify(login);
  if (target.kind === 'program') {
    const options = { input: `${body}\n`, variables: {}, maxOutputBytes: MAX_ANSWER_BYTES };
    return await programs.run(target.file, { ...options, signal });
  }
  const response = await postSigned(target.url, { body, secret, nowMs, signal });
  return await readText(response.body ?? [], MAX_ANSWER_BYTES);
}
