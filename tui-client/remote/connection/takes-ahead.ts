import type { Reply } from './reply.ts';

/** Servers that are known to do so; `transfers/over-peers.test.ts` uploads to each of them. */
const KNOWN = /\b(?:vsFTPd|ProFTPD|Pure-FTPd)\b/;

/**
 * Whether a server takes a command before it has replied to the last one. It is known by its greeting: some others
 * drop what arrives too early.
 */
export function takesAhead({ text }: Reply): boolean {
  return KNOWN.test(text);
}
