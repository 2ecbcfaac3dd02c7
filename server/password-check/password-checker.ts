import { CheckFailure } from '../accounts/check-failure.ts';
import type { ExternalLogin, PasswordAuthority } from '../accounts/external-logins.ts';
import type { ExternalSettings } from '../accounts/external-settings.ts';
import { originOf } from '../accounts/login-throttle.ts';
import type { Settings } from '../config/settings.ts';
import { LoginRefusedError } from '../errors/errors.ts';
import { type HookTarget, targetText } from '../hooks/hook-target.ts';
import type { Programs } from '../programs/program-run.ts';
import { FairQueue } from '../scheduling/fair-queue.ts';
import { askCheck } from './ask-check.ts';
import { readAnswer } from './check-answer.ts';

const MAX_RUNNING = 8;
const MAX_WAITING = 200;

interface PasswordCheckerDeps {
  /** May change. */
  readonly settings: Pick<Settings, 'passwordCheck' | 'passwordCheckTimeoutMs'>;
  /** Key of signatures, which may change; empty if there is none. */
  readonly secret: string;
  readonly programs: Programs;
  readonly now: () => number;
}

/**
 * Asks the program or URL of `--password-check`: a few at a time, and others wait by origin in turn, no longer than a
 * check may take.
 */
export class PasswordChecker implements PasswordAuthority {
  readonly #deps: PasswordCheckerDeps;
  readonly #queue = new FairQueue({ maxRunning: MAX_RUNNING, maxWaiting: MAX_WAITING });
  readonly #stopping = new AbortController();

  constructor(deps: PasswordCheckerDeps) {
    this.#deps = deps;
  }

  get isSet(): boolean {
    return this.#deps.settings.passwordCheck !== undefined;
  }

  async ask(login: ExternalLogin): Promise<ExternalSettings | undefined> {
    const { passwordCheck: target, passwordCheckTimeoutMs: timeoutMs } = this.#deps.settings;
    if (target === undefined) throw new CheckFailure('there is no password check');
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([timeout, this.#stopping.signal]);
    try {
      return readAnswer(await this.#inTurn(target, login, signal));
    } catch (error) {
      if (error instanceof LoginRefusedError) throw error;
      const { message } = error as Error;
      const reason = timeout.aborted ? `no answer after ${timeoutMs / 1000} s` : message;
      throw new CheckFailure(`${targetText(target)}: ${withoutPassword(reason, login)}`);
    }
  }

  /** Ends the checks that run. */
  stop(): void {
    this.#stopping.abort();
    this.#deps.programs.close();
  }

  async #inTurn(target: HookTarget, login: ExternalLogin, signal: AbortSignal): Promise<string> {
    const { secret, programs, now } = this.#deps;
    const asked = this.#queue.run(originOf(login.address), async () => {
      signal.throwIfAborted();
      return await askCheck(target, { login, secret, nowMs: now(), signal, programs });
    });
    return await Promise.race([asked, rejectedOn(signal)]);
  }
}

/** Also a login that waits for its turn ends in time. */
function rejectedOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** A program may repeat its input, or the password that it has read there, when it fails. */
function withoutPassword(reason: string, { password }: ExternalLogin): string {
  if (password === '') return reason;
  const inJson = JSON.stringify(password).slice(1, -1);
  return reason.replaceAll(inJson, '[password]').replaceAll(password, '[password]');
}
