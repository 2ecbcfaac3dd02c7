import { WrongFormError } from '../errors/wrong-form.ts';
import { formatTarget, type HookTarget, parseTarget } from './hook-target.ts';

export const HOOK_EVENTS = [
  'upload',
  'download',
  'delete',
  'rename',
  'signup',
  'ban',
  'unban',
] as const;

export type HookEventName = (typeof HOOK_EVENTS)[number];

/** A target, and the events that it is told of. */
export interface Hook {
  readonly events: readonly HookEventName[];
  readonly target: HookTarget;
}

/**
 * Reads hooks, of which a list in one text separates several by commas.
 *
 * @throws WrongFormError
 */
export function parseHooks(text: string): readonly Hook[] {
  return text.split(/,(?=[a-z+]+=)/).map((one) => parseHook(one.trim()));
}

/** The hook as `parseHooks` reads it. Deliveries name their hook by it. */
export function formatHook({ events, target }: Hook): string {
  const isAll = events.length === HOOK_EVENTS.length;
  return `${isAll ? 'all' : events.join('+')}=${formatTarget(target)}`;
}

function parseHook(text: string): Hook {
  const [, names = '', target = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (target === '') throw new WrongFormError(`${JSON.stringify(text)} is no hook. ${EXAMPLE}`);
  return { events: parseEvents(names), target: parseTarget(target.trim(), EXAMPLE) };
}

function parseEvents(text: string): readonly HookEventName[] {
  if (text.trim() === 'all') return HOOK_EVENTS;
  const names = text.split('+').map((name) => name.trim());
  const unknown = names.find((name) => !HOOK_EVENTS.some((event) => event === name));
  if (unknown !== undefined)
    throw new WrongFormError(
      `${JSON.stringify(unknown)} is no event. Write ${HOOK_EVENTS.join(', ')}, several with + between them, or all.`,
    );
  return HOOK_EVENTS.filter((event) => names.includes(event));
}

const EXAMPLE =
  'Write events, = and a program or URL, such as upload+delete=/usr/local/bin/on-change.';
