/** Characters that servers on Windows replace, and control characters, which Pure-FTPd replaces. */
const REPLACED = /[\p{Cc}:?*"<>|\\]/gu;

/** The same for names that some server or disk takes for one: case, Unicode form, replaced characters. */
export function foldedName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(REPLACED, '_')
    .replace(/[. ]+$/, '');
}

/** Those that some server takes for one with another of them. */
export function collidingNames(names: readonly string[]): readonly string[] {
  const folded = names.map(foldedName);
  const counts = new Map<string, number>();
  for (const name of folded) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.filter((_, at) => (counts.get(folded[at] ?? '') ?? 0) > 1);
}
