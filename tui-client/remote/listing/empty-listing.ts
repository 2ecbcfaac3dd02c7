import type { Failure } from '../../errors/failure.ts';

const NO_ENTRIES =
  /\b(?:no|zero|0) (?!such\b)(?:\w+ )?(?:files?|entr(?:y|ies)|items?|match(?:es)?|members?|data ?sets?|objects?)(?= (?:found|match\w*|exist\w*|available|listed|present|total|here|in|was|were|to list)\b|[\s.!)]*$)/i;

const IS_EMPTY = /\b(?:directory|folder|library|catalog|data ?set|listing) (?:is |was )?empty\b/i;

const NO_OCTETS = /(?<![\d.,])0 (?:bytes|octets)\b/i;

/** Such a reply may have another reason, as "No files found or invalid directory or permission problem". */
const OTHER_REASON =
  /perm|denied|access|auth|privileg|rights|invalid|illegal|allow|forbid|error|fail|secur|busy|lock|quota|offline|cannot|can't|unable|could not|\bis not\b/i;

/** Codes by which servers refuse to list what is empty: wu-ftpd, Serv-U, ProFTPD, z/OS. */
const EMPTY_CODES: ReadonlySet<number | undefined> = new Set([450, 550]);

/**
 * Whether a refusal to list says that the directory is empty. It may say so of a directory that does not exist, too:
 * the caller has to know that it does.
 *
 * @param purpose the beginning of the message, which is ours.
 */
export function refusesEmptyDirectory(
  { code, message }: Failure,
  { path, purpose }: { readonly path: string; readonly purpose: string },
): boolean {
  const words = message.replace(`${purpose}: `, '').replaceAll(path, '');
  return EMPTY_CODES.has(code) && !OTHER_REASON.test(words) && namesNoEntries(words);
}

/** Whether the reply that ended a listing says that nothing was sent because nothing exists. */
export function confirmsEmptyListing(words: string): boolean {
  return namesNoEntries(words) || NO_OCTETS.test(words);
}

function namesNoEntries(words: string): boolean {
  return NO_ENTRIES.test(words) || IS_EMPTY.test(words);
}
