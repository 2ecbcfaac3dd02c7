import { StartError } from '../errors/start-error.ts';
import { type HookTarget, targetText } from '../hooks/hook-target.ts';
import { requirePrograms } from '../start/hook-files.ts';
import { type Check, ok, problem, type Verdict } from './finding.ts';

const TIMEOUT_MS = 5000;

/** Without the program or URL of `--password-check`, those whose passwords it checks cannot log in. */
export const passwordCheckCheck: Check = {
  id: 'password-check',
  async inspect({ settings: { passwordCheck: target } }) {
    if (target === undefined) return [];
    return [target.kind === 'url' ? await urlVerdict(target.url) : programVerdict(target)];
  },
};

function programVerdict(target: HookTarget): Verdict {
  try {
    requirePrograms({ hooks: [], passwordCheck: target });
    return ok(`The password check ${targetText(target)} can be run.`);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const remedy = 'Install the program where the setting says, and make it executable.';
    return problem(error.message, `${remedy} Until then, the server does not start.`);
  }
}

/** Any status is an answer: a request without a password has no right one. */
async function urlVerdict(url: string): Promise<Verdict> {
  const name = targetText({ kind: 'url', url });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
    await response.body?.cancel();
    return ok(`The password check ${name} answers.`);
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: Error };
    return problem(
      `The password check ${name} does not answer: ${cause?.message || message}.`,
      'Look after the service of that URL; until then, those whose passwords it checks cannot log in.',
    );
  }
}
