import type { HookTarget } from './hook.ts';
import type { HookEvent } from './hook-event.ts';
import { postEvent } from './post-event.ts';
import { runProgram } from './run-program.ts';

export interface HookRun {
  readonly event: HookEvent;
  /** Where the file of the event lies on the disk; only programs are told. */
  readonly file: string | undefined;
  /** Key of signatures. */
  readonly secret: string;
  readonly nowMs: number;
  readonly timeoutMs: number;
  /** Ends the run early. */
  readonly stop: AbortSignal;
}

/** Tells a target of an event. @throws Error that says why it failed. */
export async function runHook(target: HookTarget, run: HookRun): Promise<void> {
  const { event, file, secret, nowMs, timeoutMs, stop } = run;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, stop]);
  const body = JSON.stringify(event);
  try {
    if (target.kind === 'url') {
      await postEvent(target.url, { event, body, secret, nowMs, signal });
    } else {
      const variables = variablesOf(event, file);
      await runProgram(target.file, { input: `${body}\n`, variables, signal });
    }
  } catch (error) {
    throw timeout.aborted ? new Error(`no end after ${timeoutMs / 1000} s`) : error;
  }
}

/** The event as variables of the environment, which cannot hold NUL. */
function variablesOf(event: HookEvent, file: string | undefined): Record<string, string> {
  const variables = {
    MYFTP_ID: event.id,
    MYFTP_EVENT: event.event,
    MYFTP_USERNAME: event.username,
    MYFTP_ADDRESS: event.address,
    MYFTP_PATH: event.path ?? '',
    MYFTP_FROM: event.from ?? '',
    MYFTP_FILE: file ?? '',
    MYFTP_REASON: event.reason ?? '',
  };
  const isUsable = ([, value]: [string, string]) => value !== '' && !value.includes('\0');
  return Object.fromEntries(Object.entries(variables).filter(isUsable));
}
