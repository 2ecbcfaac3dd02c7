import type { Reply } from './reply.ts';

/** Servers that the tests send a command before the reply to the one before. */
const KNOWN = /\b(?:vsFTPd|ProFTPD|Pure-FTPd)\b/;

/**
 * Whether a server takes a command before it has replied to the last one. The greeting has to say so: some others drop
 * what they have not asked for.
 */
export function takesAhead({ text }: Reply): boolean {
  return KNOWN.test(text);
}
