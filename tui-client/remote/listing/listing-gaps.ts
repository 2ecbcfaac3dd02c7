import type { GapFinder } from '../../files/listing.ts';
import { type Reply, wordsOf } from '../connection/reply.ts';
import { confirmsEmptyListing } from './empty-listing.ts';

/** Said by servers that have a limit, as Pure-FTPd: "Output truncated to 10000 matches". */
const TRUNCATED =
  /\btruncat|\bincomplete\b|not all (files|entries)|too many (files|entries|matches)/i;

/** The name in such a line may be longer than it looks. */
export function noteCutLine(text: string, gaps: GapFinder): void {
  if (text.trim() === '') return;
  gaps.notUnderstood(text);
  gaps.cut('a line without an end');
}

/** What the server says of a listing, and whether its end has come over the data connection. */
export function noteReply(reply: Reply, gaps: GapFinder, data: 'ended' | 'silent'): void {
  const words = wordsOf(reply);
  if (TRUNCATED.test(words)) gaps.cut(words);
  if (data === 'silent' && !confirmsEmptyListing(words)) gaps.silent(words);
}
