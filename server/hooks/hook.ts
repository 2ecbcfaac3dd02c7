import { isAbsolute } from 'node:path';
import { WrongFormError } from '../errors/wrong-form.ts';

export const HOOK_EVENTS = ['upload', 'download', 'delete', 'rename', 'signup'] as const;

export type HookEventName = (typeof HOOK_EVENTS)[number];

/** What is told of events: a program that is started, or a URL that gets a POST. */
export type HookTarget =
  | { readonly kind: 'program'; readonly file: string }
  | { readonly kind: 'url'; readonly url: string };

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
  return `${isAll ? 'all' : events.join('+')}=${target.kind === 'url' ? target.url : target.file}`;
}

/** The target for logs and tables: without what may be a secret in a URL. */
export function targetText(target: HookTarget): string {
  if (target.kind === 'program') return target.file;
  const { origin, pathname } = new URL(target.url);
  return `${origin}${pathname}`;
}

function parseHook(text: string): Hook {
  const [, names = '', target = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (target === '') throw new WrongFormError(`${JSON.stringify(text)} is no hook. ${EXAMPLE}`);
  return { events: parseEvents(names), target: parseTarget(target.trim()) };
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

function parseTarget(text: string): HookTarget {
  if (isAbsolute(text)) return { kind: 'program', file: text };
  const url = URL.parse(text);
  if (url !== null && ['http:', 'https:'].includes(url.protocol))
    return { kind: 'url', url: url.href };
  throw new WrongFormError(
    `${JSON.stringify(text)} is neither the absolute path of a program nor a URL of http or https. ${EXAMPLE}`,
  );
}

const EXAMPLE =
  'Write events, = and a program or URL, such as upload+delete=/usr/local/bin/on-change.';
