import { isAbsolute } from 'node:path';
import { WrongFormError } from '../errors/wrong-form.ts';

/** What is told or asked: a program that is started, or a URL that gets a POST. */
export type HookTarget =
  | { readonly kind: 'program'; readonly file: string }
  | { readonly kind: 'url'; readonly url: string };

/** @param example ends the message. @throws WrongFormError */
export function parseTarget(text: string, example: string): HookTarget {
  if (isAbsolute(text)) return { kind: 'program', file: text };
  const url = URL.parse(text);
  if (url !== null && ['http:', 'https:'].includes(url.protocol))
    return { kind: 'url', url: url.href };
  throw new WrongFormError(
    `${JSON.stringify(text)} is neither the absolute path of a program nor a URL of http or https. ${example}`,
  );
}

/** The target as `parseTarget` reads it. */
export function formatTarget(target: HookTarget): string {
  return target.kind === 'url' ? target.url : target.file;
}

/** The target for logs and tables: without what may be a secret in a URL. */
export function targetText(target: HookTarget): string {
  if (target.kind === 'program') return target.file;
  const { origin, pathname } = new URL(target.url);
  return `${origin}${pathname}`;
}
