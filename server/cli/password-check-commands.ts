import { CheckFailure } from '../accounts/check-failure.ts';
import type { ExternalSettings } from '../accounts/external-settings.ts';
import { checkUsername } from '../accounts/signup-rules.ts';
import { CommandError } from '../errors/command-error.ts';
import { ClientError } from '../errors/errors.ts';
import { PasswordChecker } from '../password-check/password-checker.ts';
import { inThisProcess } from '../programs/run-program.ts';
import { readHookSecret, requirePrograms } from '../start/hook-files.ts';
import type { PasswordCheckVerb } from './actions.ts';
import type { AdministrationRequest } from './administration.ts';
import { askPassword } from './questions.ts';

type PasswordCheckCommand = (request: AdministrationRequest) => Promise<void>;

/** Runs `myftp-server password-check <verb>`. */
export const passwordCheckCommands: Readonly<Record<PasswordCheckVerb, PasswordCheckCommand>> = {
  test: testCheck,
};

/** Asks the check about a password as the server would, as this user and not as the server's. Changes nothing. */
async function testCheck(request: AdministrationRequest): Promise<void> {
  const { context, args, options, settings } = request;
  const [name = ''] = args;
  const username = nameIn(name);
  if (settings.passwordCheck === undefined)
    throw new CommandError('--password-check: there is none in the settings.');
  requirePrograms({ hooks: [], passwordCheck: settings.passwordCheck });
  const isOnStdin = options.passwordStdin === true;
  const password = await askPassword({ context, username, isOnStdin });
  const secret = readHookSecret(settings.hookSecret);
  const checker = new PasswordChecker({
    ...{ settings, secret, programs: inThisProcess, now: Date.now },
  });
  const answer = await checker
    .ask({ username, password, address: String(options.address) })
    .catch(failed);
  if (options.json === true)
    context.stdout.write(`${JSON.stringify(answerJson(answer), undefined, 2)}\n`);
  if (answer === undefined) throw new CommandError(`The password of ${username} is refused.`);
  if (options.json !== true) context.stdout.write(answerText(username, answer));
}

/** The name as the server sends it. @throws CommandError */
function nameIn(name: string): string {
  try {
    checkUsername(name);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw new CommandError(`${JSON.stringify(name)}: ${error.message} It is never asked about.`);
  }
  return name.toLowerCase();
}

function failed(error: unknown): never {
  if (!(error instanceof CheckFailure)) throw error;
  throw new CommandError(`No login is possible: ${error.message}.`);
}

function answerText(username: string, settings: ExternalSettings): string {
  const entries = Object.entries(settings);
  const lines = entries.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
  const what = entries.length === 0 ? 'and sets nothing' : 'and sets';
  return `The password of ${username} is right, ${what}${lines.length === 0 ? '.' : ':'}\n${lines.join('')}`;
}

function answerJson(settings: ExternalSettings | undefined) {
  return settings === undefined ? { ok: false } : { ok: true, settings };
}
