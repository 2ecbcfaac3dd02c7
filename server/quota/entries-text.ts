import { isUnlimited } from './unlimited.ts';

/** `3 of 1000000 files and directories`; without a limit only their number. */
export function entriesText({
  usedEntries,
  limitEntries,
}: {
  readonly usedEntries: number;
  readonly limitEntries: number;
}): string {
  if (isUnlimited(limitEntries)) return countText(usedEntries);
  return `${usedEntries} of ${limitEntries} files and directories`;
}

/** `3 files and directories` */
export function countText(entries: number): string {
  return entries === 1 ? '1 file or directory' : `${entries} files and directories`;
}
